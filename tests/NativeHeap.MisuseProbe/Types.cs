// What is allocated: a type of each size that mimalloc-bench's patterns are compiled for, and those that are mistaken for one another.

using System.Runtime.CompilerServices;

namespace NativeHeap.MisuseProbe;

[NativeAllocated]
internal partial struct Small
{
    public long Value;
}

/// <summary>As large as <see cref="Small"/>, and another type.</summary>
[NativeAllocated]
internal partial struct SmallToo
{
    public long Value;
}

[NativeAllocated]
internal partial struct Medium
{
    public MediumBytes Bytes;
}

[NativeAllocated]
internal partial struct Large
{
    public LargeBytes Bytes;
}

/// <summary>Nine words, as in delete_type_size_mismatch.</summary>
[NativeAllocated]
internal partial struct Words
{
    public WordArray Value;
}

/// <summary>With a pointer in it, as a string has.</summary>
[NativeAllocated]
internal unsafe partial struct Text
{
    public char* Characters;
    public long Length;
    public long Capacity;
    public long Hash;
}

[InlineArray(4_096)]
internal struct MediumBytes
{
    private byte _first;
}

[InlineArray(256 << 10)]
internal struct LargeBytes
{
    private byte _first;
}

[InlineArray(9)]
internal struct WordArray
{
    private long _first;
}
