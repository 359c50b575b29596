// The clients of one server in one cell: a thread for each connection while a sample is taken.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net.Sockets;
using System.Threading;

namespace NativeHeap.Benchmarks.Measures.Kestrel;

internal sealed class Load : IDisposable
{
    private const int Connections = 8;

    private readonly KestrelCell _cell;
    private readonly List<LoadConnection> _connections = [];

    public Load(KestrelCell cell, int port, ReadOnlyMemory<byte> content)
    {
        _cell = cell;
        for (int i = 0; i < Connections; i++)
        {
            _connections.Add(new LoadConnection(cell, port, content));
        }
    }

    /// <summary>Loads the server for a while.</summary>
    /// <returns>The requests answered, and the seconds they took.</returns>
    /// <exception cref="FaultException">An answer is not what it should be, or none came.</exception>
    public (long Requests, double Seconds) Run(TimeSpan time)
    {
        long exchanges = 0;
        Exception? failure = null;
        long start = Stopwatch.GetTimestamp();
        Thread[] threads =
        [
            .. _connections.Select(connection => new Thread(() =>
            {
                try
                {
                    long count = 0;
                    while (Stopwatch.GetElapsedTime(start) < time && Volatile.Read(ref failure) is null)
                    {
                        connection.Exchange();
                        count++;
                    }

                    _ = Interlocked.Add(ref exchanges, count);
                }
                catch (Exception refused) when (refused is FaultException or SocketException)
                {
                    Volatile.Write(ref failure, refused);
                }
            })),
        ];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return failure is null
            ? (exchanges * _cell.Depth, seconds)
            : throw new FaultException(failure is FaultException ? failure.Message : $"{KestrelCommand.Name} {_cell.Name}: {failure.Message}");
    }

    public void Dispose()
    {
        foreach (LoadConnection connection in _connections)
        {
            connection.Dispose();
        }
    }
}
