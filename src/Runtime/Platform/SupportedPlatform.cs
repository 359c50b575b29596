// Where the allocator runs: 64-bit Linux, Windows and macOS, on x64 and arm64. Asked once, when the process's structures are made; after that, code tells only
// Windows, macOS and Linux apart.

using System;
using System.Runtime.InteropServices;

namespace NativeHeap.Platform;

/// <summary>The platforms that there is code for.</summary>
internal static class SupportedPlatform
{
    // An arena and all steps in which memory is mapped are multiples of it.
    private const nuint MaxPageSize = 64 << 10;

    /// <summary>Throws on any other platform.</summary>
    /// <exception cref="PlatformNotSupportedException">This is one.</exception>
    public static void Require()
    {
        bool isSupported = (OperatingSystem.IsLinux() || OperatingSystem.IsWindows() || OperatingSystem.IsMacOS())
            && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;
        if (!isSupported)
        {
            throw new PlatformNotSupportedException(
                $"NativeHeap does not run on {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture} ({RuntimeInformation.RuntimeIdentifier}). It runs on Linux, Windows and macOS, on x64 and arm64.");
        }

        if (VirtualMemory.PageSize > MaxPageSize)
        {
            throw new PlatformNotSupportedException($"NativeHeap does not run with memory pages of {VirtualMemory.PageSize} bytes. It takes up to {MaxPageSize}.");
        }
    }
}
