using NativeHeap;

namespace Misuse;

/// <summary>An order in the book, and a note of its sender's, a block of its own.</summary>
[NativeAllocated]
internal unsafe partial struct Order
{
    public int Id;
    public int Price;
    public int Quantity;
    public bool IsBuy;

    /// <summary>The next of its side: a worse price, or the same and later.</summary>
    public Order* Next;

    /// <summary>The note, in as many bytes as it has.</summary>
    public byte* Note;
    public int NoteLength;
}
