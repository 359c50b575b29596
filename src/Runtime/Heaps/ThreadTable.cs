// What a managed object keeps for each thread, found by the number of the thread's record (Threads/ThreadRecord.cs).
//
//     _items[n] = what the thread whose record has number n has here, or null if none of its threads has asked yet
//
// A thread that ends leaves its record to another, as soon as its flag is up, and with it goes what it has here. So nothing has to be done when a thread ends, and there are never more items than there
// were threads at one time.
//
// A thread reads its own entry without a lock. Entries are written, and the table replaced by a longer one, under the lock.

using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Platform;
using NativeHeap.Threads;

namespace NativeHeap.Heaps;

/// <summary>An item for each thread that asks for one.</summary>
/// <typeparam name="T">What a thread has.</typeparam>
internal sealed unsafe class ThreadTable<T>
    where T : class
{
    private readonly PinnedLock _lock = new();
    private T?[] _items = [];

    /// <summary>The items by number, with gaps. As long as no thread is adding one, these are all.</summary>
    public ReadOnlySpan<T?> Items => Volatile.Read(ref _items);

    /// <summary>The calling thread's item, or null if it has none yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T? Find()
    {
        ThreadRecord* thread = ThreadRecord.Current;
        T?[] items = _items;
        return thread != null && (uint)thread->Number < (uint)items.Length ? items[thread->Number] : null;
    }

    /// <summary>The calling thread's item, made at its first call; it may find an ended thread's.</summary>
    /// <param name="make">Makes one. What is made may come to nothing if another thread was given the record meanwhile.</param>
    /// <param name="argument">For <paramref name="make"/>.</param>
    /// <returns>The item, or null when the system has no memory for the thread's record.</returns>
    public T? FindOrAdd<TArgument>(Func<TArgument, T> make, TArgument argument)
    {
        ThreadRecord* thread = HeapProcess.GetThread();
        if (thread == null)
        {
            return null;
        }

        if (Find() is { } inherited)
        {
            return inherited;
        }

        T mine = make(argument);
        T?[] longer = [];
        while (!TryPut(thread->Number, mine, longer, out int length))
        {
            longer = new T?[BitOperations.RoundUpToPowerOf2((uint)int.Max(length, thread->Number) + 1)];
        }

        return mine;
    }

    /// <summary>Forgets all items.</summary>
    public void Clear() => Volatile.Write(ref _items, []);

    // Nothing managed is allocated under the lock. The longer table is used if the present one is too short and no other thread was first.
    private bool TryPut(int number, T mine, T?[] longer, out int length)
    {
        _lock.Enter();
        if (number >= _items.Length && number < longer.Length)
        {
            _items.CopyTo(longer, 0);
            Volatile.Write(ref _items, longer);
        }

        length = _items.Length;
        if (number < length)
        {
            _items[number] = mine;
        }

        _lock.Exit();
        return number < length;
    }
}
