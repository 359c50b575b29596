// What of a machine decides how the CLR lays out a struct: very little, which is why a compiler extension can know sizes at all.
//
// Two numbers are enough. The pointer size, and the greatest alignment that a hardware vector keeps: x64 aligns Vector512<T> to 64,
// the procedure call standard of arm64 stops at 16, that of 32-bit ARM at 8. The operating system does not matter but for
// CLong and CULong, which are therefore of no known size; long and double are aligned to 8 on every 32-bit target that
// .NET ships for, x86 Windows included.
//
// The library is compiled once, as AnyCPU, and run on any of these; hence a size is a constant only where all of a pointer width agree.

namespace NativeHeap.CodeAnalysis.Layout;

/// <summary>The properties of a target that the layout of structs depends on.</summary>
/// <param name="Name">The name of the architecture, for messages and tests.</param>
/// <param name="PointerSize">The size of a pointer, in bytes.</param>
/// <param name="MaxVectorAlignment">The greatest alignment of <c>Vector128</c>, <c>Vector256</c> and <c>Vector512</c>, in bytes.</param>
internal sealed record TargetLayout(string Name, int PointerSize, int MaxVectorAlignment)
{
    public static readonly TargetLayout X64 = new("x64", 8, 64);

    public static readonly TargetLayout Arm64 = new("arm64", 8, 16);

    public static readonly TargetLayout X86 = new("x86", 4, 64);

    public static readonly TargetLayout Arm32 = new("arm", 4, 8);

    /// <summary>The alignment of <c>Int128</c>: 64-bit targets treat it as the native type it is in C, the others as two longs.</summary>
    public int Int128Alignment => PointerSize == 8 ? 16 : 8;
}
