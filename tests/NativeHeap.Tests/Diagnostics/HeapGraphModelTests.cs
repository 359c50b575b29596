using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;

using CsCheck;

using NativeHeap.Diagnostics;

using Xunit;

namespace NativeHeap.Tests.Diagnostics;

/// <summary>The heap graph beside a matrix of who leads to whom.</summary>
public sealed unsafe class HeapGraphModelTests
{
    // Two heaps, objects of several sizes (the last of them large), pointers from one to another at some word and to some byte, roots, and which objects are freed before the graph is read.
    private static readonly Gen<(int Heap, int Size, bool IsFreed)[]> s_objects = Gen.Select(Gen.Int[0, 1], Gen.Frequency((20, Gen.Int[2, 40]), (1, Gen.Const(9_000))), Gen.Frequency((5, Gen.Const(false)), (1, Gen.Const(true)))).Array[1, 24];
    private static readonly Gen<(int From, int To, int Word, int Byte)[]> s_edges = Gen.Select(Gen.Int[0, 23], Gen.Int[0, 23], Gen.Int[0, 8_999], Gen.Int[0, 80_000]).Array[0, 40];
    private static readonly Gen<int[]> s_roots = Gen.Int[0, 23].Array[0, 3];

    [Theory]
    [InlineData(CheckLevel.Off)]
    [InlineData(CheckLevel.Basic)]
    [InlineData(CheckLevel.Full)]
    public void Reachability_and_references_are_those_of_the_model(CheckLevel level) =>
        Gen.Select(s_objects, s_edges, s_roots).Sample(
            (objects, edges, roots) => Run(level, objects, edges, roots),
            iter: LongTests.Scale(200, 1_000),
            threads: 1);

    private static void Run(CheckLevel level, (int Heap, int Size, bool IsFreed)[] objects, (int From, int To, int Word, int Byte)[] edges, int[] roots)
    {
        using Heap first = new(new HeapOptions { Check = level });
        using Heap second = new(new HeapOptions { Check = level });
        Heap[] heaps = [first, second];
        nint[] blocks = [.. objects.Select(o => Alloc(heaps[o.Heap], (nuint)o.Size * 8))];
        nint* memory = stackalloc nint[3];
        new Span<nint>(memory, 3).Clear();
        Dictionary<(int From, int Word), (int To, int Byte)> pointers = [];
        foreach ((int from, int to, int word, int at) in edges.Select(e => (e.From % blocks.Length, e.To % blocks.Length, e.Word, e.Byte)))
        {
            pointers[(from, word % objects[from].Size)] = (to, at % (objects[to].Size * 8));
        }

        foreach (((int from, int word), (int to, int at)) in pointers)
        {
            ((nint*)blocks[from])[word] = blocks[to] + at;
        }

        for (int i = 0; i < roots.Length; i++)
        {
            memory[i] = blocks[roots[i] % blocks.Length];
        }

        for (int i = 0; i < blocks.Length; i++)
        {
            if (objects[i].IsFreed)
            {
                heaps[objects[i].Heap].Free((void*)blocks[i]);
            }
        }

        Heap.AddRoot(memory, 3 * (nuint)sizeof(nint));
        try
        {
            HeapGraph graph = new();
            bool[] live = [.. objects.Select(o => !o.IsFreed)];
            bool[][] leads = Closure(pointers, live);
            bool[] reachable = [.. live.Select((isLive, node) => isLive && roots.Select(root => root % blocks.Length).Any(root => live[root] && leads[root][node]))];
            Reachability?[] found = [.. blocks.Select(block => ReachabilityOf(graph, block))];
            for (int node = 0; node < blocks.Length; node++)
            {
                Assert.Equal(live[node], found[node] is not null);
                Assert.Equal(reachable[node], found[node] == Reachability.Reachable);

                // Of those that lead to each other, one is lost if nothing else leads to them, and else none.
                if (live[node] && !reachable[node])
                {
                    int[] group = [.. Enumerable.Range(0, blocks.Length).Where(other => live[other] && leads[node][other] && leads[other][node])];
                    bool isLed = Enumerable.Range(0, blocks.Length).Any(other => live[other] && leads[other][node] && !leads[node][other]);
                    Assert.Equal(isLed ? 0 : 1, group.Count(other => found[other] == Reachability.Lost));
                }

                var expected = pointers
                    .Where(p => p.Value.To == node && p.Key.From != node && live[p.Key.From])
                    .Select(p => (Holder: blocks[p.Key.From], Offset: (nuint)p.Key.Word * 8, Target: blocks[node] + p.Value.Byte))
                    .Concat(roots.Select((root, i) => (root, i)).Where(r => r.root % blocks.Length == node).Select(r => (Holder: (nint)memory, Offset: (nuint)r.i * 8, Target: blocks[node])));

                // A large object that is freed is no block any more: who asks for it asks for one byte.
                if (live[node] || objects[node].Size < 4_096)
                {
                    Assert.Equal(expected.Order(), Heap.FindReferences((void*)blocks[node]).References.Select(r => (r.Holder, r.Offset, r.Target)).Order());
                }
            }
        }
        finally
        {
            Assert.True(Heap.RemoveRoot(memory));
        }
    }

    // Zero to the end of its slot: what is beyond the size that was asked for is read, too, and may be of the slot's last object.
    private static nint Alloc(Heap heap, nuint size)
    {
        void* block = heap.Alloc(size);
        NativeMemory.Clear(block, heap.UsableSize(block));
        return (nint)block;
    }

    private static bool[][] Closure(Dictionary<(int From, int Word), (int To, int Byte)> pointers, bool[] live)
    {
        bool[][] leads = [.. live.Select(_ => new bool[live.Length])];
        for (int i = 0; i < live.Length; i++)
        {
            leads[i][i] = true;
        }

        foreach (((int from, _), (int to, _)) in pointers.Where(p => live[p.Key.From] && live[p.Value.To]))
        {
            leads[from][to] = true;
        }

        for (int middle = 0; middle < live.Length; middle++)
        {
            for (int from = 0; from < live.Length; from++)
            {
                for (int to = 0; to < live.Length; to++)
                {
                    leads[from][to] |= leads[from][middle] && leads[middle][to];
                }
            }
        }

        return leads;
    }

    private static Reachability? ReachabilityOf(HeapGraph graph, nint block)
    {
        foreach (SpanNodes span in graph.Spans)
        {
            nuint slot = (nuint)(block - (nint)span.Base) / span.SlotSize;
            if (slot >= (nuint)span.Words * 64)
            {
                continue;
            }

            foreach (Reachability reachability in Enum.GetValues<Reachability>())
            {
                if (((graph.Find(span.FirstWord + (int)(slot >> 6), reachability) >> (int)slot) & 1) != 0)
                {
                    return reachability;
                }
            }
        }

        return null;
    }
}
