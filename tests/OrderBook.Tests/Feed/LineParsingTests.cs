using System.Text;

using OrderBook.Feed;

using Xunit;

namespace OrderBook.Tests.Feed;

public class LineParsingTests
{
    [Fact]
    public void An_sse_add_is_read()
    {
        SymbolTable symbols = new();

        Assert.Null(SseFormat.Parse("1,7,33301810,600761.SH,A,S,11501,,23500,500"u8, symbols, out FeedEvent add));

        Assert.Equal((EventKind.Add, Side.Sell, 23_500L, 500, 33_301_810), (add.Kind, add.Side, add.Price, add.Quantity, add.Milliseconds));
        Assert.Equal(11_501, add.Id & FeedEvent.MaxId);
        Assert.Equal(["600761.SH"], symbols.Names);
    }

    [Theory]
    [InlineData("B", (int)Side.Buy)]
    [InlineData("S", (int)Side.Sell)]
    [InlineData("N", (int)Side.None)]
    public void An_sse_trade_names_both_orders(string side, int expected)
    {
        Assert.Null(SseFormat.Parse(Encoding.UTF8.GetBytes($"1,7,34200000,S,T,{side},5,6,100,9"), new SymbolTable(), out FeedEvent trade));

        Assert.Equal((EventKind.Trade, (Side)expected, 5L, 6L), (trade.Kind, trade.Side, trade.Id & FeedEvent.MaxId, trade.OtherId & FeedEvent.MaxId));
    }

    [Fact]
    public void The_same_id_in_two_channels_is_two_orders()
    {
        SymbolTable symbols = new();

        Assert.Null(SseFormat.Parse("1,7,0,S,A,B,5,,100,9"u8, symbols, out FeedEvent first));
        Assert.Null(SseFormat.Parse("2,7,0,S,A,B,5,,100,9"u8, symbols, out FeedEvent second));

        Assert.NotEqual(first.Id, second.Id);
    }

    [Theory]
    [InlineData("", "1 fields instead of 10")]
    [InlineData("1,1,34200000,S,A,S,11,,10000", "9 fields instead of 10")]
    [InlineData("1,1,34200000,S,A,S,11,,10000,100,1", "11 fields instead of 10")]
    [InlineData("x,1,34200000,S,A,S,11,,10000,100", "channel 'x' is not a whole number")]
    [InlineData("-1,1,34200000,S,A,S,11,,10000,100", "channel -1 is negative")]
    [InlineData("99999,1,34200000,S,A,S,11,,10000,100", "channel 99999 is over 32767")]
    [InlineData("1,,34200000,S,A,S,11,,10000,100", "applseq is missing")]
    [InlineData("1,1,86400000,S,A,S,11,,10000,100", "ms_of_day 86400000 is over 86399999")]
    [InlineData("1,1,34200000,,A,S,11,,10000,100", "symbol is missing")]
    [InlineData("1,1,34200000,A B,A,S,11,,10000,100", "symbol 'A B' is not 1 to 16 printable characters")]
    [InlineData("1,1,34200000,12345678901234567,A,S,11,,10000,100", "symbol '12345678901234567' is not 1 to 16 printable characters")]
    [InlineData("1,1,34200000,S,X,S,11,,10000,100", "type 'X' is none of A, D, T")]
    [InlineData("1,1,34200000,S,A,N,11,,10000,100", "side 'N' is none of B, S")]
    [InlineData("1,1,34200000,S,T,Q,11,12,10000,100", "side 'Q' is none of B, S, N")]
    [InlineData("1,1,34200000,S,A,S,0,,10000,100", "order id is 0")]
    [InlineData("1,1,34200000,S,A,S,281474976710656,,10000,100", "order id 281474976710656 is over 281474976710655")]
    [InlineData("1,1,34200000,S,A,S,99999999999999999999,,10000,100", "order id '99999999999999999999' is not a whole number")]
    [InlineData("1,1,34200000,S,A,S,11,12,10000,100", "sell_id '12' on a line that is no trade")]
    [InlineData("1,1,34200000,S,T,B,11,,10000,100", "sell id is missing")]
    [InlineData("1,1,34200000,S,A,S,11,,-5,100", "price -5 is negative")]
    [InlineData("1,1,34200000,S,A,S,11,,0,100", "price is 0")]
    [InlineData("1,1,34200000,S,A,S,11,,10.5,100", "price '10.5' is not a whole number")]
    [InlineData("1,1,34200000,S,A,S,11,,10000,-100", "quantity -100 is negative")]
    [InlineData("1,1,34200000,S,A,S,11,,10000,0", "quantity is 0")]
    [InlineData("1,1,34200000,S,A,S,11,,10000,2147483648", "quantity 2147483648 is over 2147483647")]
    [InlineData("1,1,34200000,S,A,S,11,,10000,1e3", "quantity '1e3' is not a whole number")]
    [InlineData("1,1,34200000,S,A,S,11,,10000,\u0001\u0002", "quantity '??' is not a whole number")]
    public void A_broken_sse_line_is_told_by_its_first_problem(string line, string problem)
    {
        SymbolTable symbols = new();

        Assert.Equal(problem, SseFormat.Parse(Encoding.UTF8.GetBytes(line), symbols, out _));
        Assert.Empty(symbols.Names);
    }

    [Theory]
    [InlineData("34200.015105074,1,21,100,5794000,1", (int)EventKind.Add, (int)Side.Buy, 34_200_015)]
    [InlineData("34200.01,2,21,100,5794000,-1", (int)EventKind.Reduce, (int)Side.Sell, 34_200_010)]
    [InlineData("34200,3,21,100,5794000,1", (int)EventKind.Delete, (int)Side.Buy, 34_200_000)]
    [InlineData("34200.,4,21,100,5794000,1", (int)EventKind.Execute, (int)Side.Buy, 34_200_000)]
    [InlineData("34200.9999,5,0,100,5794000,1", (int)EventKind.Hidden, (int)Side.Buy, 34_200_999)]
    [InlineData("0.0,6,-0,100,5794000,1", (int)EventKind.Hidden, (int)Side.Buy, 0)]
    [InlineData("86399.999,7,0,0,-1,-1", (int)EventKind.Notice, (int)Side.Sell, 86_399_999)]
    public void A_lobster_line_is_read(string line, int kind, int side, int milliseconds)
    {
        Assert.Null(LobsterFormat.Parse(Encoding.UTF8.GetBytes(line), out FeedEvent feedEvent));

        Assert.Equal(((EventKind)kind, (Side)side, milliseconds), (feedEvent.Kind, feedEvent.Side, feedEvent.Milliseconds));
    }

    [Theory]
    [InlineData("34200.0,1,21,100,5794000", "5 fields instead of 6")]
    [InlineData(",1,21,100,5794000,1", "time '' is not a number of seconds")]
    [InlineData("34200.0x,1,21,100,5794000,1", "time '34200.0x' is not a number of seconds")]
    [InlineData("-1.0,1,21,100,5794000,1", "time '-1.0' is not a number of seconds")]
    [InlineData("99999999999,1,21,100,5794000,1", "time '99999999999' is not a number of seconds")]
    [InlineData("86400.0,1,21,100,5794000,1", "time '86400.0' is past midnight")]
    [InlineData("34200.0,8,21,100,5794000,1", "type '8' is none of 1, 2, 3, 4, 5, 6, 7")]
    [InlineData("34200.0,1,0,100,5794000,1", "order id is 0")]
    [InlineData("34200.0,1,-3,100,5794000,1", "order id -3 is negative")]
    [InlineData("34200.0,1,21,-100,5794000,1", "size -100 is negative")]
    [InlineData("34200.0,4,21,0,5794000,1", "size is 0")]
    [InlineData("34200.0,1,21,100,0,1", "price is 0")]
    [InlineData("34200.0,1,21,100,5794000,0", "direction is 0")]
    [InlineData("34200.0,1,21,100,5794000,2", "direction 2 is over 1")]
    [InlineData("34200.0,1,21,100,5794000,B", "direction 'B' is not a whole number")]
    public void A_broken_lobster_line_is_told_by_its_first_problem(string line, string problem)
        => Assert.Equal(problem, LobsterFormat.Parse(Encoding.UTF8.GetBytes(line), out _));

    [Fact]
    public void A_long_field_is_quoted_in_part()
        => Assert.Equal("channel 'xxxxxxxxxxxxxxxxxxxxxxxx...' is not a whole number", SseFormat.Parse(Encoding.UTF8.GetBytes(new string('x', 900) + ",1,2,S,A,S,1,,1,1"), new SymbolTable(), out _));
}
