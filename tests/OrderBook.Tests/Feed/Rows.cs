// Feeds for the tests, as text and as files of a folder that goes away with its test.

using System;
using System.IO;
using System.IO.Compression;
using System.Text;

namespace OrderBook.Tests.Feed;

internal static class Rows
{
    public const string Header = "channel,applseq,ms_of_day,symbol,type,side,order_id_or_buy_id,sell_id,price_x1000,qty";

    /// <summary>Two orders rest, one is hit, the other cancelled; the first rests on with 60.</summary>
    public const string Sse = Header + "\n"
        + "1,1,34200000,600001.SH,A,S,11,,10000,100\n"
        + "1,2,34200010,600001.SH,A,B,12,,9990,200\n"
        + "1,3,34200020,600001.SH,T,B,13,11,10000,40\n"
        + "1,4,34200030,600001.SH,D,B,12,,9990,200\n";

    public const string Lobster = "34200.015105074,1,21,100,5794000,1\n"
        + "34200.1,2,21,30,5794000,1\n"
        + "34201,4,21,20,5794000,1\n"
        + "34202.5,5,0,7,5795000,-1\n"
        + "34203.5,7,0,0,-1,-1\n"
        + "34204.5,3,99,10,5794000,1\n";
}

internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orderbook-");

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        string file = PathOf(name);
        File.WriteAllBytes(file, bytes);
        return file;
    }

    public static byte[] Gzip(string text)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
