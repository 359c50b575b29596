using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

using NativeHeap.Central;
using NativeHeap.Pages;
using NativeHeap.Platform;

using Xunit;

namespace NativeHeap.Tests.Central;

/// <summary>Indexes of heaps, taken and returned.</summary>
public sealed unsafe class HeapIndexesTests
{
    private readonly HeapIndexes* _indexes;

    public HeapIndexesTests()
    {
        MetadataAllocator* metadata = MetadataAllocator.Create();
        _indexes = HeapIndexes.Create(metadata, PageHeap.Create(metadata));
    }

    [Fact]
    public void Indexes_count_up_from_zero_over_the_blocks_of_the_table()
    {
        List<nint> sets = [];
        for (int i = 0; i < 600; i++)
        {
            Assert.Equal(i, _indexes->Count);
            CentralSet* set = _indexes->Take();
            Assert.Equal(i, set->Index);
            sets.Add((nint)set);
        }

        Assert.Equal(600, sets.Distinct().Count());
        for (int i = 0; i < 600; i++)
        {
            Assert.Equal(sets[i], (nint)_indexes->Find(i));
        }
    }

    [Fact]
    public void A_returned_set_serves_the_next_under_the_same_index()
    {
        _ = _indexes->Take();
        CentralSet* first = _indexes->Take();
        _ = _indexes->Take();
        _indexes->Return(first);
        Assert.Equal(3, _indexes->Count);
        CentralSet* again = _indexes->Take();
        Assert.True(again == first);
        Assert.Equal(1, again->Index);
        Assert.True(again->NextUnused == null);
        Assert.Equal(3, _indexes->Count);
        Assert.Equal(3, _indexes->Take()->Index);
    }

    [Fact]
    public void There_are_as_many_indexes_as_there_were_heaps_at_one_time()
    {
        Random random = new(9);
        Dictionary<int, nint> taken = [];
        int most = 0;
        for (int step = 0; step < 5_000; step++)
        {
            if (random.Next(5) < 2 + (step / 2_500))
            {
                CentralSet* set = _indexes->Take();
                Assert.True(taken.TryAdd(set->Index, (nint)set), "An index was given twice.");
                most = int.Max(most, taken.Count);
            }
            else if (taken.Count > 0)
            {
                (int index, nint set) = taken.ElementAt(random.Next(taken.Count));
                _ = taken.Remove(index);
                _indexes->Return((CentralSet*)set);
            }

            Assert.Equal(most, _indexes->Count);
        }

        Assert.All(taken, one => Assert.Equal(one.Value, (nint)_indexes->Find(one.Key)));
    }

    [Fact]
    public void Threads_share_the_indexes()
    {
        int errors = 0;
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(number => new Thread(() => Interlocked.Add(ref errors, TakeAndReturn(number))))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Assert.Equal(0, errors);
        Assert.InRange(_indexes->Count, 1, 4 * 10);
    }

    // A set's NextUnused is this thread's to write while it has the set.
    private int TakeAndReturn(int number)
    {
        int errors = 0;
        Random random = new(number);
        Stack<nint> own = [];
        for (int i = 0; i < LongTests.Scale(20_000, 500_000); i++)
        {
            if (own.Count < 10 && random.Next(2) == 0)
            {
                CentralSet* set = _indexes->Take();
                errors += set->NextUnused == null && _indexes->Find(set->Index) == set ? 0 : 1;
                set->NextUnused = (CentralSet*)(nint)(number + 1);
                own.Push((nint)set);
            }
            else if (own.TryPop(out nint set))
            {
                errors += ((CentralSet*)set)->NextUnused == (CentralSet*)(nint)(number + 1) ? 0 : 1;
                _indexes->Return((CentralSet*)set);
            }
        }

        while (own.TryPop(out nint set))
        {
            _indexes->Return((CentralSet*)set);
        }

        return errors;
    }
}
