// The Shanghai exchange's level-2 tick-by-tick feed: orders and trades of all symbols of a channel in one sequence.
//
//     channel,applseq,ms_of_day,symbol,type,side,order_id_or_buy_id,sell_id,price_x1000,qty
//     1,21,33301810,600761.SH,A,S,11501,,23500,500           order 11501 comes to rest
//     1,22,33301900,600761.SH,D,S,11501,,23500,500           it is cancelled, with 500 left
//     1,23,34200010,600761.SH,T,B,99,11502,23490,100         99 bought from 11502; the buyer was the aggressor
//
// An order is published (A) only for what is left of it after its immediate trades. So a trade may name orders that nobody has
// seen: that is no error. A cancel may not.

using System;

namespace OrderBook.Feed;

internal static class SseFormat
{
    public const int FieldCount = 10;

    public static ReadOnlySpan<byte> Header => "channel,applseq,ms_of_day,symbol,type,side,order_id_or_buy_id,sell_id,price_x1000,qty"u8;

    /// <summary>Reads one line.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? Parse(ReadOnlySpan<byte> line, SymbolTable symbols, out FeedEvent feedEvent)
    {
        feedEvent = default;
        int fieldCount = FieldReader.CountFields(line);
        if (fieldCount != FieldCount)
        {
            return $"{fieldCount} fields instead of {FieldCount}";
        }

        FieldReader fields = new(line);
        long channel = fields.Integer("channel", 0, FeedEvent.MaxChannel);
        fields.Integer("applseq", 0, long.MaxValue);
        feedEvent.Milliseconds = (int)fields.Integer("ms_of_day", 0, (24 * 60 * 60 * 1000) - 1);
        ReadOnlySpan<byte> symbol = fields.Text();
        char type = fields.Letter("type", "ADT");
        bool isTrade = type == 'T';
        char side = fields.Letter("side", isTrade ? "BSN" : "BS");
        feedEvent.Kind = type == 'A' ? EventKind.Add : isTrade ? EventKind.Trade : EventKind.Delete;
        feedEvent.Side = side == 'B' ? Side.Buy : side == 'S' ? Side.Sell : Side.None;
        feedEvent.Id = Key(channel, fields.Integer(isTrade ? "buy id" : "order id", 1, FeedEvent.MaxId));
        if (isTrade)
        {
            feedEvent.OtherId = Key(channel, fields.Integer("sell id", 1, FeedEvent.MaxId));
        }
        else
        {
            ReadOnlySpan<byte> unused = fields.Text();
            if (!unused.IsEmpty)
            {
                fields.Fail($"sell_id {FieldReader.Quote(unused)} on a line that is no trade");
            }
        }

        feedEvent.Price = fields.Integer("price", 1, FeedEvent.MaxPrice);
        feedEvent.Quantity = (int)fields.Integer("quantity", 1, int.MaxValue);
        string? problem = fields.Problem;
        if (problem is null)
        {
            symbols.TryGetNumber(symbol, out feedEvent.Symbol, out problem);
        }

        return problem;
    }

    private static long Key(long channel, long id) => (channel << FeedEvent.ChannelShift) | id;
}
