using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;

using Gateway.Exchange;
using Gateway.Wire;

using OrderBook.Feed;

using Xunit;

namespace Gateway.Tests.Exchange;

public class TapeTests
{
    [Fact]
    public void A_tape_has_every_event_and_says_how_long_it_is()
    {
        LoadedFeed feed = SyntheticFeed.Create(seed: 1, events: 3_500);
        using Tape tape = TapeWriter.Write(feed);
        int events = feed.Events.Length;
        List<FeedEvent> read = [];
        int snapshots = 0;
        for (long sequence = 1; sequence <= tape.Messages; sequence++)
        {
            byte[] message = tape[sequence, 1].ToArray();
            MessageHeader header = MessageHeader.Read(message);
            Assert.Equal((sequence, message.Length), (header.Sequence, header.Length));
            if (MessageLengths.IsEvent(header.Type))
            {
                Assert.Equal(WireProblem.None, MessageReader.ReadEvent(in header, message, 4, out FeedEvent feedEvent));
                read.Add(feedEvent);
            }

            snapshots += header.Type == MessageType.BookSnapshot ? 1 : 0;
        }

        Assert.Equal(feed.Events.ToArray().Select(feedEvent => feedEvent with { Line = 0 }), read);
        Assert.Equal((events / TapeWriter.SnapshotEvery) + 4, snapshots);
        Assert.Equal((events + snapshots + 3, events, snapshots), (tape.Messages, tape.Events, tape.Snapshots));
        Assert.Equal(WireProblem.None, MessageReader.ReadSession(tape[1, 1], out SessionInfo session));
        Assert.Equal(new SessionInfo(FeedFormat.Sse, TradingHours.Sse, 4, tape.Messages), session);
        Assert.Equal(MessageType.EndOfFeed, MessageHeader.Read(tape[tape.Messages, 1]).Type);
        Assert.Equal((events, 0), (tape.Expected.Events, tape.Expected.Errors));
    }

    [Fact]
    public void A_run_of_messages_is_one_range_of_bytes()
    {
        using Tape tape = TapeWriter.Write(SyntheticFeed.Create(seed: 1, events: 100));
        ArrayBufferWriter<byte> singly = new();
        for (long sequence = 5; sequence < 25; sequence++)
        {
            singly.Write(tape[sequence, 1]);
        }

        Assert.Equal(singly.WrittenSpan.ToArray(), tape[5, 20].ToArray());
        Assert.Equal(tape.Bytes, tape[1, (int)tape.Messages].Length);
    }

    [Fact]
    public void The_clock_of_a_tape_never_goes_back()
    {
        FeedEvent[] events = [.. new[] { 34_200_000, 34_200_500, 34_200_400, 34_201_000 }.Select((time, i) => new FeedEvent { Kind = EventKind.Add, Id = i + 1, Price = 10, Quantity = 1, Milliseconds = time })];
        using Tape tape = TapeWriter.Write(Feed(events, "A"));

        Assert.Equal(
            [34_200_000, 34_200_000, 34_200_000, 34_200_500, 34_200_500, 34_201_000, 34_201_000, 34_201_000],
            Enumerable.Range(1, (int)tape.Messages).Select(sequence => tape.MillisecondsAt(sequence)));
    }

    [Theory]
    [InlineData("lobster-goog-20120621", "lobster-goog-20120621")]
    [InlineData("mes données", "mes?donn?es")]
    [InlineData("a-file-that-somebody-has-given-a-very-long-name", "a-file-that-somebody-has-given-a-very-lo")]
    public void A_symbol_of_any_name_goes_over_the_wire(string name, string onTheWire)
    {
        using Tape tape = TapeWriter.Write(Feed([new FeedEvent { Kind = EventKind.Add, Id = 1, Price = 10, Quantity = 1 }], name));
        string[] names = [""];

        Assert.Equal(WireProblem.None, MessageReader.ReadInstruments(tape[2, 1], names));

        Assert.Equal((onTheWire, onTheWire, onTheWire), (names[0], tape.Symbols[0], tape.ExpectedResting[0].Key));
    }

    [Fact]
    public void A_selection_keeps_the_symbols_asked_for_under_new_numbers()
    {
        LoadedFeed feed = SyntheticFeed.Create(seed: 1, events: 2_000);

        LoadedFeed some = FeedSelection.Of(feed, ["SYN4", "SYN2"], seconds: null);

        Assert.Equal(["SYN4", "SYN2"], some.Symbols);
        Assert.Equal(
            feed.Events.ToArray().Where(feedEvent => feedEvent.Symbol is 1 or 3).Select(feedEvent => (feedEvent.Id, feedEvent.Symbol == 3 ? 0 : 1)),
            some.Events.ToArray().Select(feedEvent => (feedEvent.Id, (int)feedEvent.Symbol)));
    }

    [Fact]
    public void A_duration_ends_at_the_first_event_that_is_too_late()
    {
        FeedEvent[] events = [.. new[] { 1_000, 2_900, 3_000, 2_990, 4_000 }.Select((time, i) => new FeedEvent { Kind = EventKind.Add, Id = i + 1, Price = 10, Quantity = 1, Milliseconds = time })];

        LoadedFeed first = FeedSelection.Of(Feed(events, "A"), [], seconds: 2);

        Assert.Equal([1L, 2L], first.Events.ToArray().Select(feedEvent => feedEvent.Id));
    }

    [Fact]
    public void A_symbol_that_is_not_there_is_refused_by_name()
    {
        FeedException refusal = Assert.Throws<FeedException>(() => FeedSelection.Of(SyntheticFeed.Create(seed: 1, events: 100), ["SYN2", "MSFT"], seconds: null));

        Assert.EndsWith("has no symbol MSFT, but SYN1, SYN2, SYN3, SYN4", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_are_due_by_their_time_and_the_rate()
    {
        Pacing fastest = new(null);
        Pacing twice = new(2);
        twice.Start(1_000);
        long start = twice.DueAt(1_000, now: 0);

        Assert.Equal(77, fastest.DueAt(5_000, now: 77));
        Assert.Equal(System.Diagnostics.Stopwatch.Frequency, twice.DueAt(3_000, now: 77) - start);
        Assert.InRange(System.Diagnostics.Stopwatch.GetTimestamp() - start, 0, System.Diagnostics.Stopwatch.Frequency);
    }

    private static LoadedFeed Feed(FeedEvent[] events, params string[] symbols)
        => new() { Name = "feed", Format = FeedFormat.Sse, Events = events, Symbols = symbols };
}
