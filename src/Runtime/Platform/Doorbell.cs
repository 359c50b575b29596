// How those who make work call the one thread that does it, at the price of a load while it is awake.
//
//     Awake   the thread is looking for work, or will by itself
//     Asleep  it waits for a ring
//
//     who makes work:  note the work; a full fence (leaving a lock is one); Ring: Asleep -> Awake by one of them, who wakes the thread
//     the thread:      finds no work; Announce: Awake -> Asleep, a full fence; looks once more; Sleep
//
// So either the thread sees the work, or whoever made it sees that the thread is asleep.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace NativeHeap.Platform;

/// <summary>Wakes a thread that waits for work. In native memory, in a cache line of its own.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal unsafe struct Doorbell
{
    private const int Awake = 0;
    private const int Asleep = 1;

    private int _state;

    /// <summary>Whether the thread waits for a ring.</summary>
    public readonly bool IsAsleep => Volatile.Read(in _state) == Asleep;

    /// <summary>Wakes the thread if it is asleep. After the work is noted and a full fence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Ring()
    {
        if (Volatile.Read(ref _state) != Awake)
        {
            WakeUp();
        }
    }

    /// <summary>Announces that the thread is about to sleep. It must look for work once more, then <see cref="Sleep"/> or <see cref="StayAwake"/>.</summary>
    public void Announce() => Atomic.Exchange(ref _state, Asleep);

    /// <summary>Takes the announcement back.</summary>
    public void StayAwake() => Volatile.Write(ref _state, Awake);

    /// <summary>Sleeps until somebody rings.</summary>
    public void Sleep()
    {
        while (IsAsleep)
        {
            Parking.Wait(Address, Asleep, Parking.Forever);
        }
    }

    /// <summary>Lets some time pass, awake.</summary>
    public void Pause(uint milliseconds) => Parking.Wait(Address, Awake, milliseconds);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WakeUp()
    {
        if (Atomic.CompareExchange(ref _state, Awake, Asleep) == Asleep)
        {
            Parking.WakeOne(Address);
        }
    }

    private int* Address => (int*)Unsafe.AsPointer(ref _state);
}
