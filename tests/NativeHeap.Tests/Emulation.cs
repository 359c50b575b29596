using System;

namespace NativeHeap.Tests;

/// <summary>What the tests run under, where it is not the system itself: tests/platforms says so in NATIVEHEAP_TESTS_UNDER.</summary>
internal static class Emulation
{
    private static readonly string? s_name = Environment.GetEnvironmentVariable("NATIVEHEAP_TESTS_UNDER");

    public static bool IsQemu { get; } = s_name == "qemu";

    public static bool IsWine { get; } = s_name == "wine";
}
