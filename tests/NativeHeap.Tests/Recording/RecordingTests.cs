using System;
using System.Diagnostics;
using System.IO;

using NativeHeap.Heaps;
using NativeHeap.Recording;
using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Recording;

/// <summary>When a heap is recorded, what of it, until when, and what happens if it cannot be.</summary>
public sealed unsafe class RecordingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_heap_without_a_recording_keeps_slots_in_its_bins()
    {
        using Heap heap = new(new HeapOptions());
        heap.Free(heap.Alloc(64));
        Assert.True(heap.GetStatistics().ThreadCachedBytes > 0);
        heap.StopRecording();
        Assert.True(heap.GetStatistics().ThreadCachedBytes > 0);
    }

    [Fact]
    public void A_recorded_heap_keeps_its_bins_closed_until_the_recording_ends()
    {
        using Heap heap = new(new HeapOptions { RecordTo = _folder.PathOf("trace.nht") });
        UseInManyWays(heap);
        Assert.Equal(0, heap.GetStatistics().ThreadCachedBytes);
        heap.StopRecording();
        UseInManyWays(heap);
        Assert.True(heap.GetStatistics().ThreadCachedBytes > 0);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void What_comes_after_the_end_is_not_in_the_trace()
    {
        string file = _folder.PathOf("trace.nht");
        using (Heap heap = new(new HeapOptions { RecordTo = file }))
        {
            void* kept = heap.Alloc(100);
            heap.StopRecording();
            heap.Free(kept);
            heap.Free(heap.Alloc(200));
            heap.StopRecording();
        }

        Assert.Equal(new RecordedEvent(RecordedEvent.Alloc, 0, 0, 0, 100), Assert.Single(RecordedTrace.Read(file).Events));
    }

    [Fact]
    public void A_heap_that_did_nothing_has_a_trace_of_nothing()
    {
        string file = _folder.PathOf("trace.nht.br");
        new Heap(new HeapOptions { RecordTo = file }).Dispose();
        Assert.Empty(RecordedTrace.Read(file).Events);
    }

    [Fact]
    public void What_is_live_when_the_heap_is_disposed_of_stays_live_in_its_trace()
    {
        string file = _folder.PathOf("trace.nht");
        using (Heap heap = new(new HeapOptions { RecordTo = file }))
        {
            _ = heap.Alloc(100);
            heap.Free(heap.Alloc(200));
        }

        Assert.Equal(1, RecordedTrace.Read(file).LiveAtEnd);
    }

    [Fact]
    public void A_reset_frees_what_is_live_in_the_heaps_trace_which_goes_on()
    {
        string file = _folder.PathOf("trace.nht");
        using (Heap heap = new(new HeapOptions { RecordTo = file }))
        {
            _ = heap.Alloc(100);
            _ = heap.Alloc(200_000);
            heap.Reset();
            Assert.Equal(0, heap.GetStatistics().LiveObjects);
            _ = heap.Alloc(300);
        }

        RecordedTrace trace = RecordedTrace.Read(file);
        Assert.Equal(1, trace.LiveAtEnd);
        Assert.Equal<int>([RecordedEvent.Alloc, RecordedEvent.Alloc, RecordedEvent.Free, RecordedEvent.Free, RecordedEvent.Alloc], [.. trace.Events.ConvertAll(e => e.Op)]);
    }

    [Fact]
    public void The_next_heap_with_the_same_index_is_not_recorded()
    {
        string file = _folder.PathOf("trace.nht");
        new Heap(new HeapOptions { RecordTo = file }).Dispose();
        using Heap heap = new();
        heap.Free(heap.Alloc(100));
        Assert.True(heap.GetStatistics().ThreadCachedBytes > 0);
        Assert.Empty(RecordedTrace.Read(file).Events);
    }

    [Fact]
    public void A_wrong_free_is_recorded_once_if_at_all()
    {
        string file = _folder.PathOf("trace.nht");
        using (Heap heap = new(new HeapOptions { RecordTo = file }))
        {
            byte* block = (byte*)heap.Alloc(100);
            Assert.Throws<ArgumentException>(() => heap.Free(block + 1));
            Assert.Throws<ArgumentException>(() => heap.Realloc(block + 1, 10));
            Assert.Throws<ArgumentOutOfRangeException>(() => heap.Realloc(block, nuint.MaxValue));
            heap.Free(block);
            Assert.ThrowsAny<Exception>(() => heap.Free(block));
        }

        Assert.Equal(2, RecordedTrace.Read(file).Events.Count);
    }

    [Fact]
    public void A_block_that_moves_has_its_new_place_before_the_old_one_is_anothers()
    {
        string file = _folder.PathOf("trace.nht");
        ExpectedTrace expected = new();
        using (Heap heap = new(new HeapOptions { RecordTo = file }))
        {
            RecordedProgram program = new(heap, expected.Thread(0));
            program.Do(RecordedOperation.Alloc, 100, 1, 0);
            for (int size = 1; size < 100_000_000; size *= 3)
            {
                program.Do(RecordedOperation.Realloc, size, 1, 0);
                program.Do(RecordedOperation.Alloc, size / 3, 1, 0);
            }

            program.Do(RecordedOperation.FreeMany, 0, 1, 0);
        }

        expected.AssertRecorded(RecordedTrace.Read(file));
    }

    [Fact]
    public void What_the_recorder_does_not_know_it_leaves_out()
    {
        string file = _folder.PathOf("trace.nht");
        Recorder* recorder = Recorder.Start(file, HeapProcess.Metadata);
        Assert.True(recorder->Free((void*)0x1000));
        Assert.True(recorder->Realloc((void*)0x1000, (void*)0x2000, 50, 0));
        Assert.True(recorder->Free((void*)0x1000));
        Assert.True(recorder->Free((void*)0x2000));
        Recorder.Finish(recorder);
        Assert.False(recorder->Alloc((void*)0x3000, 10, 16, zeroed: false, 0));
        Assert.Equal<RecordedEvent>(
            [new(RecordedEvent.Alloc, 0, 0, 0, 50), new(RecordedEvent.Free, 0, 0, 0, 0)],
            RecordedTrace.Read(file).Events);
    }

    [Fact]
    public void Sizes_and_alignments_are_as_the_format_has_room_for_them()
    {
        string file = _folder.PathOf("trace.nht");
        Recorder* recorder = Recorder.Start(file, HeapProcess.Metadata);
        _ = recorder->Alloc((void*)0x1000, (nuint)1 << 40, 16, zeroed: true, 0);
        _ = recorder->Alloc((void*)0x2000, 100, 8, zeroed: false, 0);
        _ = recorder->Alloc((void*)0x3000, 100, 2 << 20, zeroed: true, 0);
        Recorder.Finish(recorder);
        Assert.Equal<RecordedEvent>(
            [
                new(RecordedEvent.AllocZeroed, 0, 0, 0, uint.MaxValue),
                new(RecordedEvent.Alloc, 0, 0, 1, 100),
                new(RecordedEvent.AllocAligned, 21, 0, 2, 100),
            ],
            RecordedTrace.Read(file).Events);
    }

    [Fact]
    public void Many_objects_at_a_time_and_many_events_grow_the_tables_and_fill_the_buffers()
    {
        const int Live = 100_000;
        string file = _folder.PathOf("trace.nht");
        Recorder* recorder = Recorder.Start(file, HeapProcess.Metadata);
        Random random = new(1);
        nuint[] addresses = new nuint[Live];
        for (int i = 0; i < 4 * Live; i++)
        {
            ref nuint address = ref addresses[random.Next(Live)];
            if (address == 0)
            {
                address = (nuint)(i + 1) * 16;
                _ = recorder->Alloc((void*)address, 16, 16, zeroed: false, i % 3);
            }
            else
            {
                _ = recorder->Free((void*)address);
                address = 0;
            }
        }

        recorder->FreeAll(1);
        Recorder.Finish(recorder);
        int left = 0;
        foreach (nuint address in addresses)
        {
            left += address != 0 && ((address / 16) - 1) % 3 != 1 ? 1 : 0;
        }

        Assert.Equal(left, RecordedTrace.Read(file).LiveAtEnd);
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_refused_by_name()
    {
        int heaps = HeapProcess.Indexes->Count;
        AssertRefused("");
        AssertRefused(_folder.PathOf("."));
        AssertRefused(_folder.PathOf("no-such-folder/trace.nht"));
        AssertRefused("/dev/stdin\0");
        using (Heap heap = new(new HeapOptions { RecordTo = _folder.PathOf("trace.nht") }))
        {
            AssertRefused(_folder.PathOf("trace.nht"));
        }

        Assert.InRange(HeapProcess.Indexes->Count, heaps, heaps + 2);
        Assert.Throws<ArgumentNullException>(() => new Heap(null!));
    }

    [Fact]
    public void A_pipe_is_refused_since_the_header_is_written_last()
    {
        const string Maker = "/usr/bin/mkfifo";
        Assert.SkipUnless(!OperatingSystem.IsWindows() && File.Exists(Maker), $"There is no {Maker} to make a pipe in a folder.");
        string pipe = _folder.PathOf("pipe");
        using Process made = Process.Start(Maker, pipe);
        made.WaitForExit();
        AssertRefused(pipe);
    }

    [Fact]
    public void A_full_disk_ends_the_recording_and_nothing_else()
    {
        const string FullDisk = "/dev/full";
        if (!File.Exists(FullDisk))
        {
            return;
        }

        using Heap heap = new(new HeapOptions { RecordTo = FullDisk });
        for (int i = 0; i < 30_000; i++)
        {
            void* block = heap.Alloc((nuint)i);
            new Span<byte>(block, i).Fill(1);
            heap.Free(block);
        }

        // The first full buffer has told.
        Assert.True(heap.GetStatistics().ThreadCachedBytes > 0);
        Assert.Contains(FullDisk, Assert.Throws<IOException>(heap.StopRecording).Message, StringComparison.Ordinal);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        heap.Free(heap.Alloc(100));
    }

    [Fact]
    public void A_heap_whose_recording_has_failed_is_disposed_of_and_says_so()
    {
        const string FullDisk = "/dev/full";
        if (!File.Exists(FullDisk))
        {
            return;
        }

        Heap heap = new(new HeapOptions { RecordTo = FullDisk });
        try
        {
            _ = heap.Alloc(100);
            Assert.Contains(FullDisk, Assert.Throws<IOException>(heap.Dispose).Message, StringComparison.Ordinal);
            Assert.Throws<ObjectDisposedException>(() => heap.Alloc(100));
        }
        finally
        {
            heap.Dispose();
        }
    }

    [Fact]
    public void Recording_allocates_no_managed_memory_on_the_threads_that_allocate()
    {
        using Heap heap = new(new HeapOptions { RecordTo = _folder.PathOf("trace.nht") });
        UseInManyWays(heap);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 5_000; i++)
        {
            UseInManyWays(heap);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void UseInManyWays(Heap heap)
    {
        heap.Free(heap.Alloc(100));
        heap.Free(heap.AllocZeroed(200));
        heap.Free(heap.AllocAligned(300, 128));
        heap.Free(heap.Realloc(heap.Alloc(10), 1_000));
        heap.Free(heap.Alloc<Order>());
    }

    private static void AssertRefused(string file)
    {
        IOException error = Assert.Throws<IOException>(() => new Heap(new HeapOptions { RecordTo = file }));
        Assert.Contains($"'{file}'", error.Message, StringComparison.Ordinal);
    }
}
