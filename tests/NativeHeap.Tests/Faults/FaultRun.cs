// One run of a scenario in a process of its own whose system refuses some calls: what may fail, how, and what must hold then.
//
//     an operation fails  =>  a call was refused while it ran;  by OutOfMemoryException if that was for want of memory, else by InvalidOperationException
//     frees never fail
//     addresses given by the system and not returned = reserved + metadata + the page heap's own tables, and those that it refused to take back

using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Heaps;
using NativeHeap.Platform;
using NativeHeap.Tests.Heaps;
using NativeHeap.Tests.Threads;

using Xunit;

namespace NativeHeap.Tests.Faults;

/// <summary>What a scenario allocates, and its checks.</summary>
internal sealed class FaultRun(FaultySystem system, FaultPlan plan)
{
    private readonly List<(Heap Heap, HeapModel Model)> _heaps = [(Heap.Shared, new HeapModel(Heap.Shared))];

    /// <summary>The model of the shared heap.</summary>
    public HeapModel Shared => _heaps[0].Model;

    /// <summary>Whether any call has been refused.</summary>
    public bool WasRefused => system.Refused != 0;

    /// <summary>Does something that a refused call may make fail.</summary>
    /// <returns>Whether it was done.</returns>
    public bool Attempt(Action operation)
    {
        int before = system.Refused;
        try
        {
            operation();
            return true;
        }
        catch (OutOfMemoryException error)
        {
            Assert.True(system.Refused != before && plan.Error == 0, $"{plan}: {error}");
            return false;
        }
        catch (InvalidOperationException error)
        {
            Assert.True(system.Refused != before && plan.Error != 0 && error.Message.Contains($"error {plan.Error} ", StringComparison.Ordinal), $"{plan}: {error}");
            return false;
        }
    }

    /// <summary>Does something to the shared heap that a refused call may make fail.</summary>
    public void Attempt(HeapOperation operation, int size, int alignment = 16, int pick = 0) => Attempt(() => Shared.Apply(operation, size, alignment, pick));

    /// <summary>Makes a heap of its own.</summary>
    /// <returns>The heap and its model; null if a refused call made it fail.</returns>
    public HeapModel? MakeHeap(HeapOptions? options = null)
    {
        Heap? heap = null;
        if (!Attempt(() => heap = new Heap(options ?? new HeapOptions())))
        {
            return null;
        }

        _heaps.Add((heap!, new HeapModel(heap!)));
        return _heaps[^1].Model;
    }

    /// <summary>Disposes of the heap that was made last, if there is one, with all that it holds.</summary>
    public void DisposeOfHeap()
    {
        if (_heaps.Count > 1)
        {
            _heaps[^1].Heap.Dispose();
            _heaps.RemoveAt(_heaps.Count - 1);
        }
    }

    /// <summary>Asserts that nothing is lost: the objects with their contents, the figures, the addresses.</summary>
    public void Check()
    {
        if (HeapProcess.IsStarted)
        {
            foreach ((Heap _, HeapModel model) in _heaps)
            {
                model.Check();
            }

            Assert.Equal(_heaps.Sum(heap => heap.Model.Count), Heap.GetProcessStatistics().LiveObjects);
            HeapInvariants.Check(_heaps.SelectMany(heap => heap.Model.Addresses), system.Arenas);
        }

        CheckAddresses();
    }

    /// <summary>Frees all and asserts that all is free.</summary>
    public void End()
    {
        while (_heaps.Count > 1)
        {
            DisposeOfHeap();
        }

        Shared.FreeAll();
        ThreadTests.Settle();
        Check();
        ProcessStatistics end = Heap.GetProcessStatistics();
        Assert.Equal((0, 0, 0), (end.LiveObjects, end.LiveBytes, end.ThreadCachedBytes));
    }

    private unsafe void CheckAddresses()
    {
        long known = HeapProcess.Metadata == null ? 0 : (long)HeapProcess.Metadata->ChunkBytes;
        known += HeapProcess.Pages == null ? 0 : (long)HeapProcess.Pages->ReservedBytes + FreshProcess.TableBytes;
        long lost = system.Outstanding - known;
        Assert.True(lost == 0 || (plan.Call == SystemCall.Free && system.Refused > 0 && lost > 0), $"{plan}: {lost:N0} bytes of addresses are in no figure.");
    }
}
