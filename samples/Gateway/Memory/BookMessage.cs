using System.Runtime.InteropServices;

using Gateway.Wire;

using NativeHeap;

using OrderBook.Feed;

namespace Gateway.Memory;

/// <summary>A message on its way to the book: decoded, but for big ones, whose bytes it has a reference to.</summary>
[NativeAllocated]
[StructLayout(LayoutKind.Sequential)]
internal partial struct BookMessage
{
    public MessageHeader Header;

    /// <summary>What has happened, if the type is that of an event.</summary>
    public FeedEvent Event;

    /// <summary>The message as it came, if it is no event; else <c>default</c>.</summary>
    public MessageBuffer Content;
}
