// One row of a feed, as the replay sees it.
//
// Text is parsed once, before anything is measured; what remains is an array of 40-byte structs without a reference in it, read
// front to back. Both formats end up in the same struct; what differs between them lives in the kind:
//
//     kind       SSE   LOBSTER       names an order that must rest         Id            OtherId
//     Add        A     1             no: it must not                       the order     -
//     Delete     D     3             yes                                   the order     -
//     Trade      T     -             no: either, both or neither may       the buyer     the seller
//     Execute    -     4             yes (unknown ids are counted)         the order     -
//     Reduce     -     2             yes (unknown ids are counted)         the order     -
//     Hidden     -     5, 6          no order is named                     -             -
//     Notice     -     7             no order is named                     -             -
//
// Ids are unique within an SSE channel, so the channel is part of the key: key = channel * 2^48 + id, with id < 2^48.

using System.Runtime.InteropServices;

namespace OrderBook.Feed;

internal enum FeedFormat
{
    Sse,
    Lobster,
}

internal enum EventKind : byte
{
    Add,
    Delete,
    Trade,
    Execute,
    Reduce,
    Hidden,
    Notice,
}

internal enum Side : byte
{
    Buy,
    Sell,
    None,
}

[StructLayout(LayoutKind.Sequential)]
internal struct FeedEvent
{
    public const int ChannelShift = 48;
    public const long MaxId = (1L << ChannelShift) - 1;
    public const int MaxChannel = short.MaxValue;
    public const int MaxSymbols = ushort.MaxValue + 1;

    /// <summary>A bound that no price reaches and that leaves room to negate, add and scale.</summary>
    public const long MaxPrice = 1_000_000_000_000_000;

    public long Id;
    public long OtherId;
    public long Price;
    public int Quantity;
    public int Milliseconds;
    public int Line;
    public ushort Symbol;
    public EventKind Kind;
    public Side Side;
}
