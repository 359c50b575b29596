// A link of a chain of buffers, as ReadOnlySequence<byte> has them. It belongs to its owner for good, so that chains cost nothing once their buffers have been used in one.
//
//     Memory = the whole buffer while it is the last of its chain, and what was written of it afterwards
//     RunningIndex = the lengths of all before it
//
// Serial moves on when the chain goes back to the pool: whoever remembers another one has a chain that is no longer.

using System.Buffers;

namespace NativeHeap.Buffers;

/// <summary>A buffer in a chain.</summary>
internal sealed unsafe class BufferSegment : ReadOnlySequenceSegment<byte>
{
    private readonly NativeMemoryOwner _owner;

    /// <summary>Makes the link of an owner.</summary>
    public BufferSegment(NativeMemoryOwner owner) => _owner = owner;

    /// <summary>How many chains it has begun.</summary>
    public uint Serial { get; private set; }

    /// <summary>Where the buffer starts.</summary>
    public byte* Start => _owner.DangerousGetPointer();

    /// <summary>Begins as the last of a chain.</summary>
    /// <param name="runningIndex">The bytes before it.</param>
    public void Begin(long runningIndex)
    {
        Memory = _owner.Memory;
        RunningIndex = runningIndex;
    }

    /// <summary>Puts another behind it.</summary>
    /// <param name="length">The bytes that are written of this one.</param>
    /// <param name="next">The other.</param>
    public void Follow(int length, BufferSegment next)
    {
        Memory = Memory[..length];
        next.Begin(RunningIndex + length);
        Next = next;
    }

    /// <summary>Returns this buffer and those behind it.</summary>
    public void Return()
    {
        for (BufferSegment? segment = this; segment != null;)
        {
            var next = (BufferSegment?)segment.Next;
            segment.Next = null;
            segment.Memory = default;
            segment.Serial++;
            segment._owner.Dispose();
            segment = next;
        }
    }

    /// <summary>Returns those behind it, and begins anew.</summary>
    public void Reset()
    {
        var next = (BufferSegment?)Next;
        Next = null;
        Begin(0);
        next?.Return();
    }
}
