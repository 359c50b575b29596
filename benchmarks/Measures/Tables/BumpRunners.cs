// `bump/...` and `scope/...`: linear allocation of 256 objects, the first and the middle word of each written, and all freed at once; in a bump allocator, or in a scope of one. Beside
// them the bare pointer: a static field that is compared and moved, and starts over. Times are of one object.

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Tables;

internal abstract unsafe class BumpRunner<T> : TableRunner
    where T : unmanaged, IBlock<T>
{
    protected const int Live = 256;

    public override int Pass()
    {
        for (int done = 0; done < Stretch; done += Live)
        {
            Round();
        }

        return Stretch;
    }

    protected abstract void Round();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static void Touch(ref T block, long value)
    {
        ref long words = ref Unsafe.As<T, long>(ref block);
        words = value;
        Unsafe.AddByteOffset(ref words, sizeof(T) / 2) = value;
    }
}

internal sealed unsafe class BarePointer<T> : BumpRunner<T>
    where T : unmanaged, IBlock<T>
{
    public BarePointer() => BumpAllocation<T>.Prepare(Live);

    protected override void Round()
    {
        for (int i = 0; i < Live; i++)
        {
            Touch(ref *(T*)BumpAllocation<T>.Alloc(), i);
        }
    }
}

[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Lives as long as the worker process does.")]
internal sealed unsafe class Bumping<T> : BumpRunner<T>
    where T : unmanaged, IBlock<T>
{
    private readonly BumpAllocator _bump = new();
    private readonly BumpMark _start;

    public Bumping() => _start = _bump.Mark();

    protected override void Round()
    {
        BumpAllocator bump = _bump;
        for (int i = 0; i < Live; i++)
        {
            Touch(ref *bump.Alloc<T>(), i);
        }

        bump.Rewind(_start);
    }
}

[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Lives as long as the worker process does.")]
internal sealed class ScopedBumping<T> : BumpRunner<T>
    where T : unmanaged, IBlock<T>
{
    private readonly BumpAllocator _bump = new();

    protected override void Round()
    {
        using BumpScope scope = _bump.EnterScope();
        for (int i = 0; i < Live; i++)
        {
            Touch(ref scope.Alloc<T>(), i);
        }
    }
}
