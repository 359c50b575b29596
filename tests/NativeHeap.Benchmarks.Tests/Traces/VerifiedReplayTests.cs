using System;

using CsCheck;

using NativeHeap.Benchmarks.Measures.Traces;
using NativeHeap.Benchmarks.Subjects;
using NativeHeap.Recording;
using NativeHeap.Tests;

using Xunit;

namespace NativeHeap.Benchmarks.Tests.Traces;

/// <summary>The verifier: it finds every fault there is, and none where there is none.</summary>
public sealed unsafe class VerifiedReplayTests
{
    [Fact]
    public void An_allocator_without_fault_has_none()
        => TraceBuilder.Random.Sample(
            built =>
            {
                Trace trace = built.ToTrace();
                for (int threads = 0; threads <= 4; threads++)
                {
                    Assert.Null(Verify<NoFault>(trace, threads));
                    Assert.Null(Verify<NativeMemoryUntyped>(trace, threads));
                    Assert.Null(Verify<HeapUntyped>(trace, threads));
                }

                trace.Free();
            },
            iter: LongTests.Scale(20, 500),
            threads: 1);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Blocks_that_overlap_are_found(int threads) => AssertFault<Overlapping>(threads, "finds foreign content ");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_block_handed_out_twice_is_found(int threads) => AssertFault<HandedOutTwice>(threads, "finds foreign content ");

    [Fact]
    public void A_byte_written_into_a_block_is_found() => AssertFault<WritesIntoBlocks>(0, "finds foreign content before");

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void What_is_not_zero_is_found(int threads) => AssertFault<Dirty>(threads, "AllocZeroed of 200 bytes is not zero at offset 199");

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_block_that_is_not_aligned_is_found(int threads) => AssertFault<Misaligned>(threads, "which is not aligned to 16");

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_block_that_is_not_aligned_as_asked_is_found(int threads) => AssertFault<MisalignedWhereAsked>(threads, "which is not aligned to 64");

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_byte_lost_on_the_way_is_found(int threads) => AssertFault<Forgetful>(threads, "Realloc finds foreign content after realloc");

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_null_is_found(int threads) => AssertFault<Refusing>(threads, "Realloc returns null");

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void An_exception_is_found(int threads) => AssertFault<Throwing>(threads, "Free throws InvalidOperationException: It does not like to.");

    // What the recorded program never freed is looked at as well.
    [Fact]
    public void A_fault_in_what_lives_to_the_end_is_found()
    {
        Trace trace = new TraceBuilder().Add(TraceOp.Alloc, 0, 100).Add(TraceOp.Alloc, 1, 100).ToTrace();
        Assert.Contains("finds foreign content before free", Verify<HandedOutTwice>(trace, 0), StringComparison.Ordinal);
        trace.Free();
    }

    private static string? Verify<TAllocator>(Trace trace, int threads)
        where TAllocator : struct, IUntyped
    {
        FreshMemory.Restart();
        return new ReplayRunner<TAllocator>(trace).Verify(threads);
    }

    private static void AssertFault<TAllocator>(int threads, string fault)
        where TAllocator : struct, IUntyped
    {
        // Every kind of call, and two neighbours by two threads, alive at the end: so they are alive at the same time, whichever thread is ahead.
        Trace trace = TraceBuilder.OfEveryKind()
            .Add(TraceOp.Alloc, 0, 500)
            .Add(TraceOp.Free, 1, thread: 1)
            .Add(TraceOp.Alloc, 1, 500, thread: 1)
            .ToTrace();
        string? found = Verify<TAllocator>(trace, threads);
        Assert.NotNull(found);
        Assert.Contains(fault, found, StringComparison.Ordinal);
        Assert.Matches(@"^event \d+, slot \d+: ", found);
        Assert.DoesNotContain('\n', found);
        trace.Free();
    }
}
