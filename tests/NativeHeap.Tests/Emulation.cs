using System;

namespace NativeHeap.Tests;

/// <summary>What the tests run under, where it is not the system itself: tests/platforms says so in the environment.</summary>
internal static class Emulation
{
    /// <summary>The program that runs others made for Linux on arm64; null if it is not known.</summary>
    public static string? Emulator { get; } = Environment.GetEnvironmentVariable("NATIVEHEAP_EMULATOR");

    /// <summary>Whether this process is one of those.</summary>
    public static bool IsQemu { get; } = Environment.GetEnvironmentVariable("NATIVEHEAP_TESTS_UNDER") == "qemu";

    /// <summary>Whether this process runs under anything but the system itself: an exception, a thread or a process costs many times as much there.</summary>
    public static bool IsAny { get; } = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NATIVEHEAP_TESTS_UNDER"));
}
