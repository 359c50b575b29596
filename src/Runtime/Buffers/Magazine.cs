namespace NativeHeap.Buffers;

/// <summary>A stack of returned buffers of one bucket, full or empty but for the one that a thread works with, which counts for itself.</summary>
internal sealed class Magazine
{
    /// <summary>Makes an empty one.</summary>
    /// <param name="size">How many buffers it is for.</param>
    public Magazine(int size) => Owners = new NativeMemoryOwner?[size];

    /// <summary>The buffers, the next to be taken last. What lies beyond them is left as it is: writing references costs.</summary>
    public NativeMemoryOwner?[] Owners { get; }

    /// <summary>The next of a depot's list.</summary>
    public Magazine? Next { get; set; }
}
