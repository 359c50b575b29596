// LOBSTER's message files: NASDAQ's order flow of one symbol and one day, without a header and without the symbol.
//
//     time_s,type,order_id,size,price_x10000,direction
//     34200.015105074,4,15818974,4,5794000,1
//
// type 1 add, 2 partial cancel, 3 delete, 4 execution of a visible order, 5 of a hidden one, 6 cross trade, 7 halt or notice;
// direction 1 buy, -1 sell, of the resting order. A level-N extract leaves out what lies deeper than N levels: adds that it leaves
// out make ids unknown later, deletes that it leaves out leave orders resting for good. Neither is a fault of the reader.

using System;

namespace OrderBook.Feed;

internal static class LobsterFormat
{
    public const int FieldCount = 6;

    private const long HaltMarker = -1;

    /// <summary>Reads one line.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? Parse(ReadOnlySpan<byte> line, out FeedEvent feedEvent)
    {
        feedEvent = default;
        int fieldCount = FieldReader.CountFields(line);
        if (fieldCount != FieldCount)
        {
            return $"{fieldCount} fields instead of {FieldCount}";
        }

        FieldReader fields = new(line);
        feedEvent.Milliseconds = fields.SecondsAsMilliseconds("time");
        feedEvent.Kind = fields.Letter("type", "1234567") switch
        {
            '1' => EventKind.Add,
            '2' => EventKind.Reduce,
            '3' => EventKind.Delete,
            '4' => EventKind.Execute,
            '5' or '6' => EventKind.Hidden,
            _ => EventKind.Notice,
        };

        // A halt carries -1, 0 or 1 in the place of the price and nothing in the other fields; what hidden orders do has no id.
        bool isNotice = feedEvent.Kind == EventKind.Notice;
        bool namesOrder = !isNotice && feedEvent.Kind != EventKind.Hidden;
        feedEvent.Id = fields.Integer("order id", namesOrder ? 1 : 0, FeedEvent.MaxId);
        feedEvent.Quantity = (int)fields.Integer("size", isNotice ? 0 : 1, int.MaxValue);
        feedEvent.Price = fields.Integer("price", isNotice ? HaltMarker : 1, FeedEvent.MaxPrice);
        long direction = fields.Integer("direction", -1, 1);
        if (direction == 0)
        {
            fields.Fail("direction is 0");
        }

        feedEvent.Side = direction > 0 ? Side.Buy : Side.Sell;
        return fields.Problem;
    }
}
