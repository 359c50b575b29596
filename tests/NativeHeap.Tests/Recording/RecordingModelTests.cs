using System;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using System.Threading;

using CsCheck;

using Xunit;

namespace NativeHeap.Tests.Recording;

/// <summary>Random programs, recorded and read back: the trace keeps the format's promises, and its events are the program's calls.</summary>
public sealed class RecordingModelTests : IDisposable
{
    private static readonly Gen<int> s_size = Gen.Frequency(
        (6, Gen.Int[0, 256]),
        (4, Gen.Int[0, 4_096]),
        (2, Gen.Int[0, 40_000]),
        (1, Gen.Int[0, 600_000]));

    private static readonly Gen<(RecordedOperation Kind, int Size, int AlignmentShift, int Pick)> s_operation = Gen.Select(
        Gen.Frequency(
            (8, Gen.Const(RecordedOperation.Alloc)),
            (1, Gen.Const(RecordedOperation.TryAlloc)),
            (2, Gen.Const(RecordedOperation.AllocZeroed)),
            (2, Gen.Const(RecordedOperation.AllocAligned)),
            (2, Gen.Const(RecordedOperation.AllocTyped)),
            (4, Gen.Const(RecordedOperation.Realloc)),
            (8, Gen.Const(RecordedOperation.Free)),
            (1, Gen.Const(RecordedOperation.FreeMany)),
            (1, Gen.Const(RecordedOperation.NothingToRecord))),
        s_size,
        Gen.Frequency((8, Gen.Int[0, 9]), (1, Gen.Int[10, 21])),
        Gen.Int[0, int.MaxValue - 1]);

    private const int Threads = 4;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("trace.nht")]
    [InlineData("trace.nht.br")]
    public void A_random_program_is_recorded_call_by_call(string name)
    {
        string file = _folder.PathOf(name);
        s_operation.Array[1, 400].Sample(
            operations =>
            {
                ExpectedTrace expected = new();
                using (Heap heap = new(new HeapOptions { RecordTo = file }))
                {
                    RecordedProgram program = new(heap, expected.Thread(0));
                    foreach ((RecordedOperation kind, int size, int alignmentShift, int pick) in operations)
                    {
                        program.Do(kind, size, 1 << alignmentShift, pick);
                    }
                }

                expected.AssertRecorded(RecordedTrace.Read(file));
            },
            iter: LongTests.Scale(100, 600),
            threads: 1);
    }

    [Fact]
    public void Threads_that_hand_blocks_on_are_recorded_call_by_call()
    {
        string file = _folder.PathOf("trace.nht.br");
        ExpectedTrace expected = new();
        using (Heap heap = new(new HeapOptions { RecordTo = file }))
        {
            Array.ForEach(StartWork(heap, expected), thread => thread.Join());
        }

        RecordedTrace trace = RecordedTrace.Read(file);
        expected.AssertRecorded(trace);

        // More than one buffer's: buffers were written while other threads went on.
        Assert.True(trace.Events.Count > 100_000, $"Only {trace.Events.Count} events.");
    }

    [Fact]
    public void A_recording_may_end_while_threads_are_at_work()
    {
        string file = _folder.PathOf("trace.nht");
        ExpectedTrace expected = new();
        using Heap heap = new(new HeapOptions { RecordTo = file });
        Thread[] threads = StartWork(heap, expected);
        _ = SpinWait.SpinUntil(() => new FileInfo(file).Length > 0, s_patience);
        heap.StopRecording();
        RecordedTrace trace = RecordedTrace.Read(file);
        Array.ForEach(threads, thread => thread.Join());

        Assert.NotEmpty(trace.Events);
        expected.AssertRecorded(trace, isCut: true);
        expected.AssertRecorded(RecordedTrace.Read(file), isCut: true);
    }

    private static Thread[] StartWork(Heap heap, ExpectedTrace expected)
    {
        ConcurrentQueue<NumberedBlock>[] inboxes = [.. Enumerable.Range(0, Threads).Select(_ => new ConcurrentQueue<NumberedBlock>())];
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(number => new Thread(() => Work(heap, expected.Thread(number), number, inboxes)))];
        Array.ForEach(threads, thread => thread.Start());
        return threads;
    }

    private static void Work(Heap heap, ExpectedThread calls, int number, ConcurrentQueue<NumberedBlock>[] inboxes)
    {
        RecordedProgram program = new(heap, calls);
        Random random = new(number);
        program.Do(RecordedOperation.Alloc, 10_000 + number, 1, 0);
        for (int i = 0; i < LongTests.Scale(20_000, 200_000); i++)
        {
            RecordedOperation operation = (RecordedOperation)random.Next((int)RecordedOperation.FreeMany);
            program.Do(operation, random.Next(2_000), 1 << random.Next(8), random.Next());
            if (program.Blocks.Count > 100)
            {
                inboxes[random.Next(inboxes.Length)].Enqueue(program.Take(random.Next()));
            }

            while (inboxes[number].TryDequeue(out NumberedBlock handed))
            {
                program.Free(handed);
            }
        }
    }
}
