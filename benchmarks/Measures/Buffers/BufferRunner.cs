// A cell of M12 of one subject: what the subject hands out is looked at once, before anything is timed; and what the work costs the garbage collector is counted as for M7.

using System;
using System.Globalization;
using System.Runtime.InteropServices;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Buffers;

internal abstract class BufferRunner : PassRunner
{
    /// <summary>The operations of a pass, about.</summary>
    protected const int Stretch = 16_384;

    private const int CountedOperations = 10_000_000;

    /// <summary>Makes sure that buffers are as long as they must be, and each its own.</summary>
    /// <exception cref="FaultException">They are not.</exception>
    public abstract void Check();

    /// <summary>The bytes that all threads allocate on the GC's heap in ten million operations, once as many buffers have been made as are ever in use at one time.</summary>
    public long CountBytes()
    {
        Check();
        for (int done = 0; done < CountedOperations / 10;)
        {
            done += Pass();
        }

        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int done = 0; done < CountedOperations;)
        {
            done += Pass();
        }

        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}

/// <param name="lengths">What is rented, one after the other. From memory, even where all are the same: the JIT must not compute before a loop what programs cannot know there.</param>
internal abstract class BufferRunner<TBuffers, TItem>(int[] lengths) : BufferRunner
    where TBuffers : struct, IBuffers<TItem>
    where TItem : struct
{
    /// <summary>How many buffers are looked at together: no fewer than there are in use or at hand at any time later.</summary>
    protected virtual int Checked => 200;

    protected int[] Lengths => lengths;

    protected static int[] Alike(int length, int count)
    {
        int[] lengths = new int[count];
        lengths.AsSpan().Fill(length);
        return lengths;
    }

    // Twice: the second time they have been used before.
    public override void Check()
    {
        CheckOnce();
        CheckOnce();
    }

    private void CheckOnce()
    {
        TItem[] items = new TItem[Checked];
        for (int i = 0; i < items.Length; i++)
        {
            int length = LengthOf(i);
            items[i] = TBuffers.Rent(length);
            Span<byte> memory = TBuffers.SpanOf(items[i]);
            if (memory.Length < length)
            {
                throw new FaultException(string.Create(CultureInfo.InvariantCulture, $"A buffer has {memory.Length} bytes where {length} were asked for."));
            }

            Words(memory).Fill(i);
        }

        for (int i = 0; i < items.Length; i++)
        {
            if (Words(TBuffers.SpanOf(items[i])[..LengthOf(i)]).ContainsAnyExcept(i))
            {
                throw new FaultException(string.Create(CultureInfo.InvariantCulture, $"A buffer of {LengthOf(i)} bytes does not hold what was written to it."));
            }

            TBuffers.Return(items[i]);
        }
    }

    private int LengthOf(int index) => lengths[index % lengths.Length];

    private static Span<int> Words(Span<byte> memory) => MemoryMarshal.Cast<byte, int>(memory);
}
