// The cells of one thread.
//
//     pair     a buffer is rented and returned, over and over
//     write    the same, and its first word written in between: what the way from the buffer to its memory costs
//     batch    so many are rented, then all returned, in the same order
//     mixed    256 stay rented, of 16 bytes to 64 KiB, each power of two as likely as the next; one at random is returned, and one of a random length rented in its place

using System;
using System.Runtime.InteropServices;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Buffers;

internal sealed class PairRunner<TBuffers, TItem>(int length) : BufferRunner<TBuffers, TItem>(Alike(length, Stretch))
    where TBuffers : struct, IBuffers<TItem>
    where TItem : struct
{
    public override int Pass()
    {
        foreach (int length in Lengths)
        {
            TBuffers.Return(TBuffers.Rent(length));
        }

        return Lengths.Length;
    }
}

internal sealed class WriteRunner<TBuffers, TItem>(int length) : BufferRunner<TBuffers, TItem>(Alike(length, Stretch))
    where TBuffers : struct, IBuffers<TItem>
    where TItem : struct
{
    public override int Pass()
    {
        foreach (int length in Lengths)
        {
            TItem item = TBuffers.Rent(length);
            MemoryMarshal.Write(TBuffers.SpanOf(item), (long)length);
            TBuffers.Return(item);
        }

        return Lengths.Length;
    }
}

internal sealed class BatchRunner<TBuffers, TItem>(int length, int count) : BufferRunner<TBuffers, TItem>(Alike(length, count))
    where TBuffers : struct, IBuffers<TItem>
    where TItem : struct
{
    private const int LeastOfPass = 4_000;

    private readonly TItem[] _items = new TItem[count];

    protected override int Checked => _items.Length;

    public override int Pass()
    {
        int done = 0;
        for (; done < LeastOfPass; done += _items.Length)
        {
            Round();
        }

        return done;
    }

    private void Round()
    {
        TItem[] items = _items;
        ReadOnlySpan<int> lengths = Lengths;
        for (int i = 0; i < lengths.Length; i++)
        {
            items[i] = TBuffers.Rent(lengths[i]);
        }

        foreach (TItem item in items)
        {
            TBuffers.Return(item);
        }
    }
}

internal sealed class MixedRunner<TBuffers, TItem> : BufferRunner<TBuffers, TItem>
    where TBuffers : struct, IBuffers<TItem>
    where TItem : struct
{
    private const int Live = 256;
    private const int LeastLog = 4;
    private const int MostLog = 16;

    // The same in each pass, so that after the first no buffers are needed that there were not before.
    private readonly int[] _picks = new int[Stretch];
    private readonly TItem[] _items = new TItem[Live];

    public MixedRunner()
        : base(new int[Stretch])
    {
        Random random = Seeded();
        for (int i = 0; i < Stretch; i++)
        {
            Lengths[i] = (int)double.Exp2(LeastLog + (random.NextDouble() * (MostLog - LeastLog)));
            _picks[i] = random.Next(Live);
        }

        for (int i = 0; i < Live; i++)
        {
            _items[i] = TBuffers.Rent(Lengths[i]);
        }
    }

    public override int Pass()
    {
        TItem[] items = _items;
        ReadOnlySpan<int> lengths = Lengths;
        ReadOnlySpan<int> picks = _picks;
        for (int i = 0; i < picks.Length; i++)
        {
            ref TItem item = ref items[picks[i]];
            TBuffers.Return(item);
            item = TBuffers.Rent(lengths[i]);
        }

        return Stretch;
    }
}
