using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

using NativeHeap.CompilerServices;
using NativeHeap.SizeClasses;

namespace NativeHeap.Tests.Heaps;

[NativeAllocated]
public partial struct Order
{
    public long Id;
    public long Price;
    public int Quantity;
}

/// <summary>Of the same size class as <see cref="Order"/>.</summary>
[NativeAllocated]
public partial struct Trade
{
    public long Id;
    public long Price;
    public long Quantity;
}

[NativeAllocated(Alignment = 64)]
public partial struct Aligned
{
    public long First;
    public long Second;
}

[NativeAllocated]
public partial struct Wide
{
    public Vector512<float> Lanes;
    public int Tag;
}

[NativeAllocated]
public partial struct Pair<T>
    where T : unmanaged
{
    public T Left;
    public T Right;
}

[NativeAllocated]
public unsafe partial struct Link
{
    public Link* Next;
    public Link* Other;
    public long Value;
}

[InlineArray(40_000)]
public struct LargeBytes
{
    private byte _first;
}

[NativeAllocated]
public partial struct LargeMessage
{
    public int Length;
    public LargeBytes Bytes;
}

/// <summary>Claims to be smaller than it is, as a stub does whose type has grown since it was generated.</summary>
public struct WrongSize : INativeAllocated<WrongSize>
{
    public long A;
    public long B;
    public long C;
    public long D;
    public long E;

    static ulong INativeLayoutClaim.NativeLayout => LayoutWord.Known(size: 8, spanClass: 3, alignment: 8);
}

/// <summary>Claims a class whose slots are of another size here, as a stub does that was generated for another table.</summary>
public struct WrongTable : INativeAllocated<WrongTable>
{
    public long A;
    public long B;
    public long C;
    public long D;
    public long E;

    static ulong INativeLayoutClaim.NativeLayout => LayoutWord.Known(size: 40, spanClass: 3, alignment: 8) ^ (1UL << 48);
}

/// <summary>Claims a span class that does not exist.</summary>
public struct WrongClass : INativeAllocated<WrongClass>
{
    public long A;

    static ulong INativeLayoutClaim.NativeLayout => LayoutWord.Known(size: 8, spanClass: 255, alignment: 8);
}

/// <summary>Claims less alignment than its fields need, as a stub does that was generated where vectors are aligned to less.</summary>
public struct WrongAlignment : INativeAllocated<WrongAlignment>
{
    public Vector512<byte> A;

    static ulong INativeLayoutClaim.NativeLayout =>
        LayoutWord.Known(size: 64, spanClass: SizeClass.ToSpanClass(SizeClass.ClassOf(64), noScan: true), alignment: 16);
}
