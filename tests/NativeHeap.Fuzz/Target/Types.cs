// The types that are allocated by stubs: small and large, with pointers and without, and one that asks for more alignment than it needs.

using System.Runtime.CompilerServices;

namespace NativeHeap.Fuzz;

[NativeAllocated]
public partial struct Tick
{
    public long Price;
}

[NativeAllocated]
public unsafe partial struct Node
{
    public Node* Next;
    public long Key;
    public long Value;
}

[NativeAllocated(Alignment = 64)]
public partial struct Lane
{
    public long First;
    public long Second;
    public long Third;
}

[NativeAllocated]
public partial struct Frame
{
    public FrameBytes Bytes;
}

[NativeAllocated]
public partial struct Picture
{
    public PictureBytes Bytes;
}

[InlineArray(3_000)]
public struct FrameBytes
{
    private byte _first;
}

[InlineArray(50_000)]
public struct PictureBytes
{
    private byte _first;
}
