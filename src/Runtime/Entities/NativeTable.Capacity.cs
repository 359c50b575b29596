// Room for a table's elements: made ahead, made when there is none, given back.
//
// None of this moves an element, so references and spans stay valid over all of it; that is why no member here is marked [InvalidatesReferences].

using System;
using System.Runtime.CompilerServices;

using NativeHeap.Entities;

namespace NativeHeap;

public readonly unsafe partial struct NativeTable<T>
{
    /// <summary>Makes sure that there is memory for a number of elements, without touching it.</summary>
    /// <param name="capacity">How many there are to be together with those that there are.</param>
    /// <returns>The capacity by now, at least as asked for.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is negative, or over <see cref="MaxCapacity"/>.</exception>
    /// <exception cref="OutOfMemoryException">The system has no memory; the table is as it was.</exception>
    public int EnsureCapacity(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        TableState* table = State;
        if (capacity > table->MaxCount)
        {
            throw EntityErrors.OverMaxCapacity(nameof(capacity), capacity, table->MaxCount);
        }

        return table->TryReserve(capacity) ? table->Capacity : throw RoomError(State, capacity);
    }

    /// <summary>
    /// Gives the memory back that the table does not need at present. One without elements gives back all, and begins anew: handles from before are as another table's.
    /// </summary>
    public void TrimExcess() => State->Trim();

    // A handler of a soft limit may have added elements, or ended the table.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MakeRoom()
    {
        while (State->Count == State->Limit)
        {
            if (!State->TryMakeRoom())
            {
                throw RoomError(State, (long)State->Count + 1);
            }
        }
    }

    private static Exception RoomError(TableState* table, long count) =>
        table->Count == table->MaxCount ? EntityErrors.Full(typeof(NativeTable<T>), table->MaxCount)
            : table->HasRetiredAll ? EntityErrors.Retired(typeof(NativeTable<T>))
            : EntityErrors.OutOfMemory((nuint)count * (uint)sizeof(T), table->Heap);
}
