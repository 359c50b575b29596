// `kestrel`: what a web server answers in a second when its buffers are ours, and when they are its own.
//
// Servers are workers, one a subject, that take turns; the client is this process, the same for all. Both share the machine, so that requests a second say as much of the client as of the server: the server's
// processor time for a request is beside them, and says what the buffers change.
//
// Ours are pinned arrays. Native memory cannot be measured: Kestrel's sockets refuse it when what they send lies in two buffers, which befalls short answers too, by chance.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Kestrel;

internal sealed class KestrelCommand : IDisposable
{
    public const string Name = "kestrel";

    private const string Measure = "kestrel";
    private const string Rate = "requests/s";
    private const string Throughput = "MB/s";
    private const string Processor = "µs of the server";
    private const string Garbage = "managed bytes";

    private static readonly string[] s_subjects = [BufferSubjects.PinnedName, BufferSubjects.KestrelName];

    private readonly CommandLine _line;
    private readonly Samples _samples = new(Measure);
    private readonly byte[] _content = KestrelCell.MakeContent();
    private readonly WorkerGroup<string> _workers;

    private KestrelCommand(CommandLine line)
    {
        _line = line;
        _workers = new(s_subjects.Where(line.WantsSubject), subject => WorkerProcess.Start(Name, subject));
    }

    public static Report Run(CommandLine line)
    {
        line.CheckSubjects(s_subjects);
        line.CheckCells(KestrelCell.All.Select(cell => cell.Name));
        using KestrelCommand command = new(line);
        return command.MeasureAll();
    }

    public static IEnumerable<Section> Tables(IReadOnlyList<Row> rows)
    {
        Table table = new("cell", "buffers", Rate, Throughput, "spread", Processor, Garbage, "over Kestrel's");
        foreach (KestrelCell cell in KestrelCell.All)
        {
            foreach (string subject in s_subjects)
            {
                if (rows.Find(Measure, cell.Name, subject, Rate) is Row rate)
                {
                    table.Add(
                        cell.Name,
                        subject,
                        Table.Figure(rate.Value.Median),
                        cell.BodyLength < 1_000 ? string.Empty : Table.Figure(rows.Median(Measure, cell.Name, subject, Throughput)),
                        Table.Share(rate.Spread),
                        Table.Figure(rows.Median(Measure, cell.Name, subject, Processor)),
                        Table.Figure(rows.Median(Measure, cell.Name, subject, Garbage)),
                        Table.Figure(rate.Value.Median / rows.Median(Measure, cell.Name, BufferSubjects.KestrelName, Rate)));
                }
            }
        }

        return rows.All(row => row.Measure != Measure)
            ? []
            :
            [
                new(
                    Measure,
                    "Kestrel over loopback, HTTP/1.1, eight connections; client and server on the same machine, every byte of every answer compared",
                    table,
                    "plaintext/N: 13 bytes, N requests at once; get: the server sends 64 KiB or 1 MiB; post: it receives and compares them.",
                    "Pinned: NativeHeap's buffers in pinned arrays, which is what UseNativeHeap() does. Kestrel: its own pool.",
                    "The server's processor time and managed memory are for a request."),
            ];
    }

    public void Dispose() => _workers.Dispose();

    private Report MeasureAll()
    {
        KestrelCell[] cells = [.. KestrelCell.All.Where(cell => _line.WantsCell(cell.Name))];
        Dictionary<string, int> ports = [];
        _workers.ForEach((subject, worker) => ports[subject] = int.Parse(worker.Ask(KestrelWorker.Start) ?? throw new FaultException($"The server of {subject} did not start."), CultureInfo.InvariantCulture));
        Progress progress = new(cells.Length);
        foreach (KestrelCell cell in cells)
        {
            progress.Step(cell.Name);
            MeasureCell(cell, ports);
        }

        progress.Clear();
        return new(_samples.Rows, Machine.Versions(), []);
    }

    private void MeasureCell(KestrelCell cell, Dictionary<string, int> ports)
    {
        TimeSpan time = _line.Effort.SampleTime * 50;
        Dictionary<string, Load> loads = [];
        try
        {
            foreach ((string subject, int port) in ports)
            {
                loads[subject] = new Load(cell, port, _content);
                _ = loads[subject].Run(time * 5);
            }

            for (int round = 0; round < _line.Effort.Rounds * _line.Effort.Turns; round++)
            {
                _workers.ForEach((subject, worker) => Sample(cell, subject, worker, loads[subject], time));
            }
        }
        finally
        {
            foreach (Load load in loads.Values)
            {
                load.Dispose();
            }
        }
    }

    private void Sample(KestrelCell cell, string subject, WorkerProcess worker, Load load, TimeSpan time)
    {
        (double processor, double bytes) = FiguresOf(worker, subject);
        (long requests, double seconds) = load.Run(time);
        (double processorAfter, double bytesAfter) = FiguresOf(worker, subject);
        _samples.Add(cell.Name, subject, Rate, requests / seconds);
        _samples.Add(cell.Name, subject, Throughput, requests * (double)cell.BodyLength / seconds / 1e6);
        _samples.Add(cell.Name, subject, Processor, (processorAfter - processor) / 1e3 / requests);
        _samples.Add(cell.Name, subject, Garbage, (bytesAfter - bytes) / requests);
    }

    private static (double Processor, double Bytes) FiguresOf(WorkerProcess worker, string subject) =>
        worker.Ask(KestrelWorker.Figures)?.Split(' ') is [string processor, string bytes]
            ? (double.Parse(processor, CultureInfo.InvariantCulture), double.Parse(bytes, CultureInfo.InvariantCulture))
            : throw new FaultException($"The server of {subject} died; what it said is above.");
}
