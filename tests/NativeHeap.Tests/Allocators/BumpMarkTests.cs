using System;

using Xunit;

namespace NativeHeap.Tests.Allocators;

/// <summary>Going back: marks, scopes, resets.</summary>
public sealed unsafe class BumpMarkTests
{
    [Fact]
    public void Rewind_frees_what_came_after_the_mark_and_the_mark_stays_valid()
    {
        using BumpAllocator bump = new();
        _ = bump.Alloc<long>();
        BumpMark mark = bump.Mark();
        long* first = bump.Alloc<long>();
        for (int i = 0; i < 3; i++)
        {
            bump.Rewind(mark);
            Assert.Equal((nint)first, (nint)bump.Alloc<long>());
        }
    }

    [Fact]
    public void Rewind_goes_back_over_chunks_and_frees_what_went_aside()
    {
        using Heap heap = new();
        using BumpAllocator bump = new(new BumpAllocatorOptions { Heap = heap, FirstChunkBytes = 4_096, MaximumChunkBytes = 16_384 });
        byte* kept = (byte*)bump.Alloc(100_000);
        kept[99_999] = 7;
        BumpMark mark = bump.Mark();
        BumpStatistics before = bump.GetStatistics();
        for (int i = 0; i < 500; i++)
        {
            _ = bump.Alloc((nuint)(i % 50 == 0 ? 200_000 : 300));
        }

        bump.Rewind(mark);
        BumpStatistics after = bump.GetStatistics();
        Assert.Equal(before.UsedBytes, after.UsedBytes);
        Assert.Equal(before.WastedBytes, after.WastedBytes);
        Assert.True(after.ReservedBytes < 100_000 + (500 * 320) + 16_384, "What went aside is still there.");
        Assert.Equal(7, kept[99_999]);
    }

    [Fact]
    public void Tiny_objects_go_back_with_the_rest()
    {
        using BumpAllocator bump = new();
        byte* a = bump.Alloc<byte>();
        BumpMark mark = bump.Mark();
        byte* b = bump.Alloc<byte>();
        bump.Rewind(mark);
        Assert.Equal((nint)b, (nint)bump.Alloc<byte>());
        Assert.Equal((nint)(a + 1), (nint)b);
    }

    [Fact]
    public void Marks_made_at_one_place_are_one()
    {
        using Heap heap = new();
        using BumpAllocator bump = new(new BumpAllocatorOptions { Heap = heap });
        _ = bump.Alloc<long>();
        BumpMark mark = bump.Mark();
        HeapStatistics before = heap.GetStatistics();
        for (int i = 0; i < 10_000; i++)
        {
            Assert.Equal(mark, bump.Mark());
            _ = bump.Alloc<long>();
            bump.Rewind(mark);
        }

        Assert.Equal(before, heap.GetStatistics());
    }

    [Fact]
    public void A_mark_behind_which_the_allocator_has_gone_is_an_error_even_when_it_has_come_that_far_again()
    {
        using BumpAllocator bump = new();
        BumpMark early = bump.Mark();
        _ = bump.Alloc<long>();
        BumpMark late = bump.Mark();
        bump.Rewind(early);
        AssertError<ArgumentException>(() => bump.Rewind(late), "gone back behind it");
        _ = bump.Alloc<long>();
        AssertError<ArgumentException>(() => bump.Rewind(late), "gone back behind it");
        _ = bump.Mark();
        AssertError<ArgumentException>(() => bump.Rewind(late), "gone back behind it");
        bump.Rewind(early);
    }

    [Fact]
    public void A_mark_from_before_a_reset_is_an_error()
    {
        using BumpAllocator bump = new();
        BumpMark mark = bump.Mark();
        bump.Reset();
        AssertError<ArgumentException>(() => bump.Rewind(mark), "before a Reset");
        _ = bump.Mark();
        AssertError<ArgumentException>(() => bump.Rewind(mark), "before a Reset");
    }

    [Fact]
    public void A_mark_of_another_allocator_or_of_none_is_an_error()
    {
        using BumpAllocator bump = new();
        using BumpAllocator other = new();
        _ = bump.Mark();
        BumpMark mark = other.Mark();
        AssertError<ArgumentException>(() => bump.Rewind(mark), "another BumpAllocator");
        AssertError<ArgumentException>(() => bump.Rewind(default), "default value");
    }

    [Fact]
    public void A_scope_frees_what_was_allocated_in_it()
    {
        using BumpAllocator bump = new();
        long* before = bump.Alloc<long>();
        for (int i = 0; i < 3; i++)
        {
            using BumpScope scope = bump.EnterScope();
            ref long value = ref scope.Alloc<long>();
            value = 5;
            fixed (long* pointer = &value)
            {
                Assert.Equal((nint)(before + 1), (nint)pointer);
            }

            Assert.Equal(100, scope.AllocSpan<int>(100).Length);
            fixed (Heaps.Aligned* one = &scope.Alloc<Heaps.Aligned>(), some = scope.AllocSpan<Heaps.Aligned>(2))
            {
                Assert.Equal(0, (int)((nint)one % 64));
                Assert.Equal(0, (int)((nint)some % 64));
            }
        }

        Assert.Equal((nint)(before + 1), (nint)bump.Alloc<long>());
    }

    [Fact]
    public void Scopes_nest()
    {
        using BumpAllocator bump = new();
        using BumpScope outer = bump.EnterScope();
        Span<int> kept = outer.AllocZeroedSpan<int>(4);
        for (int i = 0; i < 4; i++)
        {
            using BumpScope inner = outer.EnterScope();
            Span<int> scratch = inner.AllocSpan<int>(1_000);
            scratch.Fill(i);
            kept[i] = scratch[999];
        }

        Assert.Equal("0 1 2 3", string.Join(' ', kept.ToArray()));
        outer.AllocZeroed<Heaps.Order>().Id = 3;
    }

    [Fact]
    public void An_outer_scope_does_not_allocate_while_an_inner_one_is_open()
    {
        using BumpAllocator bump = new();
        BumpScope outer = bump.EnterScope();
        BumpScope inner = bump.EnterScope();
        AssertScopeError(in outer, "begun inside of this one");
        inner.Dispose();
        _ = outer.Alloc<long>();
        outer.Dispose();
    }

    [Fact]
    public void A_scope_that_has_ended_does_not_allocate_by_any_copy()
    {
        using BumpAllocator bump = new();
        BumpScope scope = bump.EnterScope();
        BumpScope copy = scope;
        scope.Dispose();
        scope.Dispose();
        AssertScopeError(in scope, "has ended");
        AssertScopeError(in copy, "has ended");
        BumpScope other = bump.EnterScope();
        AssertScopeError(in scope, "has ended");
        AssertScopeError(in copy, "has ended");
        AssertDisposeError(ref copy, "has ended");
        other.Dispose();
    }

    [Fact]
    public void Scopes_end_in_the_reverse_order_of_their_beginning()
    {
        using BumpAllocator bump = new();
        BumpScope outer = bump.EnterScope();
        BumpScope inner = bump.EnterScope();
        AssertDisposeError(ref outer, "begun inside of this one");
        inner.Dispose();
        outer.Dispose();
    }

    [Fact]
    public void What_an_open_scope_has_allocated_cannot_be_freed_behind_its_back()
    {
        using BumpAllocator bump = new();
        BumpMark outside = bump.Mark();
        _ = bump.Alloc<long>();
        using (BumpScope scope = bump.EnterScope())
        {
            scope.Alloc<long>() = 1;
            BumpMark inside = bump.Mark();
            AssertError<InvalidOperationException>(bump.Reset, "Reset would free");
            AssertError<InvalidOperationException>(() => bump.Rewind(outside), "Rewind would free");
            AssertError<InvalidOperationException>(bump.Dispose, "Dispose would free");
            _ = scope.Alloc<long>();
            bump.Rewind(inside);
        }

        bump.Rewind(outside);
    }

    [Fact]
    public void A_mark_made_in_a_scope_ends_with_it()
    {
        using BumpAllocator bump = new();
        BumpMark inside;
        using (bump.EnterScope())
        {
            inside = bump.Mark();
        }

        AssertError<ArgumentException>(() => bump.Rewind(inside), "end of the scope");
    }

    [Fact]
    public void No_operation_allocates_managed_memory()
    {
        using BumpAllocator bump = new();
        using FrameAllocator frames = new();
        using ThreadFrames threads = new();
        Work(bump, frames, threads);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Work(bump, frames, threads);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void Work(BumpAllocator bump, FrameAllocator frames, ThreadFrames threads)
    {
        for (int frame = 0; frame < 20; frame++)
        {
            BumpMark mark = bump.Mark();
            for (int i = 0; i < 2_000; i++)
            {
                _ = bump.Alloc<byte>();
                _ = bump.AllocZeroed<Heaps.Order>();
                _ = bump.AllocSpan<short>(i % 100);
                _ = bump.AllocAligned((nuint)(i * 20), 64);
                _ = bump.TryAlloc((nuint)i, out _);
                _ = frames.Current.AllocSpan<int>(10);
                _ = threads.Local.Current.Alloc<long>();
                using BumpScope scope = bump.EnterScope();
                scope.Alloc<int>() = 1;
                scope.AllocZeroedSpan<Heaps.Order>(3)[2].Id = 1;
            }

            _ = bump.GetStatistics();
            bump.Rewind(mark);
            bump.Reset();
            frames.NextFrame();
            threads.NextFrame();
        }
    }

    private static void AssertError<T>(Action action, string part)
        where T : Exception
        => Assert.Contains(part, Assert.Throws<T>(action).Message, StringComparison.Ordinal);

    // A scope cannot be captured by a lambda.
    private static void AssertScopeError(in BumpScope scope, string part)
    {
        try
        {
            _ = scope.Alloc<int>();
        }
        catch (InvalidOperationException error)
        {
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
            return;
        }

        Assert.Fail("The scope has allocated.");
    }

    private static void AssertDisposeError(ref BumpScope scope, string part)
    {
        try
        {
            scope.Dispose();
        }
        catch (InvalidOperationException error)
        {
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
            return;
        }

        Assert.Fail("The scope has ended.");
    }
}
