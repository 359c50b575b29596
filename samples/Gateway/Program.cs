// What the exchange at the other end of the gateway's wire has to send: the encoding of docs/gateway.md over a feed. The gateway itself is on its way.

using System;
using System.Globalization;

using Gateway.Exchange;

using OrderBook.Feed;

namespace Gateway;

internal static class Program
{
    public static int Main(string[] args)
    {
        try
        {
            using Tape tape = TapeWriter.Write(args.Length == 0 ? SyntheticFeed.Create() : FeedLoader.Load(args[0], format: null, strict: false));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{tape.Name}: {tape.Messages:#,0} messages, {tape.Bytes / 1048576.0:0.0} MiB: {tape.Events:#,0} events, {tape.Snapshots:#,0} snapshots of books"));
            return 0;
        }
        catch (FeedException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }
}
