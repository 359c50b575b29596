// A test that leaks must fail, so it runs in a process of its own, which is this program with one class.

using System;
using System.Collections.Generic;

using NativeHeap.Tests;

using Xunit;

namespace NativeHeap.Testing.Tests;

/// <summary>The attribute that fails a test which leaks.</summary>
public sealed class NoNativeLeaksTests
{
    [Fact]
    public void A_test_that_leaks_fails_with_the_report_and_one_that_does_not_passes()
    {
        (int exit, string output) = ThisProgram.Run(typeof(LeakingTests), (LeakingTests.Variable, "1"));
        Assert.NotEqual(0, exit);
        Assert.Contains("Total: 5, Errors: 0, Failed: 2, Skipped: 0", output, StringComparison.Ordinal);
        Assert.Contains("LeakingTests.Leaks [FAIL]", output, StringComparison.Ordinal);
        Assert.Contains("LeakingTests.Leaks_what_others_reach [FAIL]", output, StringComparison.Ordinal);
        Assert.Contains("NativeLeakException : Native memory was allocated and not freed.", output, StringComparison.Ordinal);
        Assert.Contains("The heap 'Shared' holds 3 objects, 72 bytes that it did not hold before:", output, StringComparison.Ordinal);
        Assert.Contains("    Blocks of up to 24 bytes without pointers: 3 objects, 72 bytes", output, StringComparison.Ordinal);
        Assert.Contains("The heap 'kept' holds 1 object", output, StringComparison.Ordinal);
    }
}

/// <summary>Somebody's tests, of which some leak.</summary>
[NoNativeLeaks]
public sealed unsafe class LeakingTests : IDisposable
{
    internal const string Variable = "NATIVEHEAP_LEAKING_TESTS";

    private static readonly List<Heap> s_kept = [];
    private readonly Order* _order = Order.Alloc();

    public LeakingTests() => Assert.SkipUnless(Environment.GetEnvironmentVariable(Variable) is not null, "For a process of its own.");

    public void Dispose() => Order.Free(_order);

    [Fact]
    public void Leaks()
    {
        for (int i = 0; i < 3; i++)
        {
            _ = Order.Alloc();
        }

        Order.Free(Order.Alloc());
    }

    [Fact]
    public void Leaks_what_others_reach()
    {
        Heap heap = new(new HeapOptions { Name = "kept" });
        s_kept.Add(heap);
        NativeTable<Order> table = new(heap);
        _ = table.Add(default, out _);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_000)]
    public void Frees_what_it_allocates(int count)
    {
        using Heap heap = new();
        for (int i = 0; i < count; i++)
        {
            Order.Free(Order.Alloc());
            _ = Order.Alloc(heap);
        }
    }

    [Fact]
    public void Does_nothing()
    {
    }
}
