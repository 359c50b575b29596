// Ten million calls of the allocators over a heap, all freed by the thousand: bump allocators and their scopes and frames, the four fits of a free list, and one that compacts.

using System;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Peers;

internal static unsafe class AllocatorCalls
{
    private const int Live = 1_000;

    private static readonly BumpAllocator s_bump = new();
    private static readonly ThreadFrames s_frames = new();
    private static readonly CompactingAllocator s_compacting = new();
    private static readonly FreeListAllocator[] s_fits = [.. Array.ConvertAll(Enum.GetValues<FitPolicy>(), policy => new FreeListAllocator(1 << 20, new FreeListOptions { Policy = policy }))];

    public static void Bump(int count)
    {
        BumpMark start = s_bump.Mark();
        for (int done = 0; done < count; done += Live)
        {
            for (int i = 0; i < Live; i++)
            {
                s_bump.Alloc<Block64>()->Words[0] = i;
            }

            s_bump.Rewind(start);
        }

        s_bump.Reset();
    }

    public static void BumpSpans(int count)
    {
        for (int done = 0; done < count; done += Live)
        {
            for (int i = 0; i < Live; i++)
            {
                s_bump.AllocSpan<int>(1 + i)[i] = i;
            }

            s_bump.Reset();
        }
    }

    public static void Scopes(int count)
    {
        for (int done = 0; done < count; done += Live)
        {
            using BumpScope scope = s_bump.EnterScope();
            for (int i = 0; i < Live; i++)
            {
                scope.Alloc<Block64>().Words[0] = i;
            }
        }

        s_bump.Reset();
    }

    public static void Frames(int count)
    {
        for (int done = 0; done < count; done += Live)
        {
            for (int i = 0; i < Live; i++)
            {
                s_frames.Local.Current.Alloc<Block64>()->Words[0] = i;
            }

            s_frames.NextFrame();
        }
    }

    public static void Fits(int count)
    {
        Span<nuint> live = stackalloc nuint[Live];
        for (int done = 0; done < count; done += Live)
        {
            FreeListAllocator allocator = s_fits[done / Live % s_fits.Length];
            for (int i = 0; i < Live; i++)
            {
                live[i] = allocator.Alloc((nuint)(1 + (i & 511)), alignment: 16);
            }

            for (int i = 0; i < Live; i++)
            {
                allocator.Free(live[i * 7 % Live]);
            }
        }
    }

    public static void Compact(int count)
    {
        Span<NativeHandle<Block64>> live = stackalloc NativeHandle<Block64>[Live];
        for (int done = 0; done < count; done += Live)
        {
            for (int i = 0; i < Live; i++)
            {
                live[i] = s_compacting.Alloc<Block64>();
                s_compacting.GetValue(live[i]).Words[0] = i;
            }

            for (int i = 0; i < Live; i += 2)
            {
                s_compacting.Free(live[i]);
            }

            _ = s_compacting.Compact();
            for (int i = 1; i < Live; i += 2)
            {
                s_compacting.Free(live[i]);
            }
        }
    }
}
