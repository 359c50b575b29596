using System;

namespace NativeHeap.Tests;

/// <summary>Tests are short unless NATIVEHEAP_LONG_TESTS is 1, as it is in continuous integration.</summary>
internal static class LongTests
{
    public static bool Enabled { get; } = Environment.GetEnvironmentVariable("NATIVEHEAP_LONG_TESTS") == "1";

    public static int Scale(int fast, int slow) => Enabled ? slow : fast;
}
