// What is asked of the server: how long the bodies are, which way they go, and how many requests a client sends before it waits.

using System;
using System.Collections.Generic;
using System.Linq;

namespace NativeHeap.Benchmarks.Measures.Kestrel;

/// <param name="Name">The cell's name.</param>
/// <param name="IsUpload">Whether the body is the client's; it is the server's otherwise.</param>
/// <param name="BodyLength">Of each body, in bytes.</param>
/// <param name="Depth">How many requests are sent at once.</param>
internal sealed record KestrelCell(string Name, bool IsUpload, int BodyLength, int Depth)
{
    public static IReadOnlyList<KestrelCell> All { get; } =
    [
        new("plaintext/1", false, 13, 1),
        new("plaintext/16", false, 13, 16),
        new("get/64k", false, 64 << 10, 1),
        new("get/1m", false, 1 << 20, 1),
        new("post/64k", true, 64 << 10, 1),
        new("post/1m", true, 1 << 20, 1),
    ];

    /// <summary>The longest body.</summary>
    public static int MaxLength => All.Max(cell => cell.BodyLength);

    /// <summary>What bodies are: that of each length is the beginning of this.</summary>
    public static byte[] MakeContent()
    {
        byte[] content = new byte[MaxLength];
        new Random(MaxLength).NextBytes(content);
        return content;
    }
}
