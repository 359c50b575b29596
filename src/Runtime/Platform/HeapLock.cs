// The allocator's only lock: one 32-bit word in native memory.
//
//     0  free
//     1  held, nobody parked
//     2  held, somebody may be parked in the kernel
//
// Enter tries 0 -> 1. On failure it spins a bounded number of times, then sets 2 and parks until woken, and holds the lock as 2, since it can't
// know whether others are parked as well. Exit stores 0 and wakes one thread if the word was 2. This is the mutex of Drepper's "Futexes Are
// Tricky" (2011), section 5, with a spin before the first park. How a thread parks is the system's business: Parking.
//
// Why not Lock, Monitor, SpinLock or SpinWait: they allocate when contended, can throw ThreadInterruptedException, may run other code of the
// same thread while they wait (an STA thread pumps messages), and sleep for milliseconds. Parking here is an ordinary P/Invoke, so the
// garbage collector does not wait for a parked thread.
//
// Not reentrant. Who holds it must not throw, call out, or allocate managed memory. The word must not move: HeapLocks live in native structs.

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Threading;

namespace NativeHeap.Platform;

/// <summary>A 32-bit lock: bounded spin, then park.</summary>
internal unsafe partial struct HeapLock
{
    private const int Free = 0;
    private const int Held = 1;
    private const int HeldWithWaiters = 2;

    // About a microsecond: longer than any hold of a central lock, shorter than parking and waking, which cost several.
    private const int SpinLimit = 40;

    private int _state;

    /// <summary>Takes the lock, waiting for it if need be.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Enter()
    {
        if (Atomic.CompareExchange(ref _state, Held, Free) != Free)
        {
            EnterContended();
        }

        CountedAcquisition();
    }

    /// <summary>Takes the lock if it is free.</summary>
    /// <returns>Whether it was.</returns>
    public bool TryEnter()
    {
        if (Volatile.Read(ref _state) != Free || Atomic.CompareExchange(ref _state, Held, Free) != Free)
        {
            return false;
        }

        CountedAcquisition();
        return true;
    }

    /// <summary>Releases the lock. Only its holder may.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Exit()
    {
        if (Atomic.Exchange(ref _state, Free) == HeldWithWaiters)
        {
            Wake();
        }
    }

    /// <summary>Resolves the system calls, so that the first contended Enter finds them ready.</summary>
    public static void Prepare()
    {
        HeapLock probe = default;
        Parking.Wait(probe.Address, Held);
        probe.Wake();
    }

    // Only the build that counts gives it a body; see Atomic.
    static partial void CountedAcquisition();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EnterContended()
    {
        for (int i = 0; i < SpinLimit; i++)
        {
            Pause();
            if (Volatile.Read(ref _state) == Free && Atomic.CompareExchange(ref _state, Held, Free) == Free)
            {
                return;
            }
        }

        while (Atomic.Exchange(ref _state, HeldWithWaiters) != Free)
        {
            // Returns at once if the word is no longer 2; may return for no reason: the loop asks again.
            Parking.Wait(Address, HeldWithWaiters);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Wake() => Parking.WakeOne(Address);

    private int* Address => (int*)Unsafe.AsPointer(ref _state);

    private static void Pause()
    {
        if (X86Base.IsSupported)
        {
            X86Base.Pause();
        }
        else if (ArmBase.IsSupported)
        {
            ArmBase.Yield();
        }
    }
}
