// Statistics, from where users ask for them. As values, without managed allocation (Diagnostics/StatisticsReader.cs says how they are read), or as JSON. docs/statistics.md has the terms and
// the equations between them.

using System;
using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Text.Json;

using NativeHeap.Central;
using NativeHeap.Diagnostics;
using NativeHeap.Heaps;

namespace NativeHeap;

/// <summary>What can be asked of heaps from outside the path of an allocation.</summary>
[SuppressMessage("Design", "CA1034:Nested types should not be visible", Justification = "The compiler's form of an extension block.")]
public static unsafe class HeapDiagnostics
{
    extension(Heap heap)
    {
        /// <summary>All heaps that have not been disposed of, to be enumerated by <c>foreach</c> without managed allocation: <see cref="Heap.Shared"/> first.</summary>
        /// <remarks>Thread-safe. One that is made or disposed of meanwhile may be among them or not.</remarks>
        public static HeapSequence All => default;

        /// <summary>Counts what the heap holds. Takes some microseconds; thread-safe, and stops nobody.</summary>
        /// <returns>The counts; all zero before the first allocation.</returns>
        /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
        public HeapStatistics GetStatistics() => Read(heap, [], out _);

        /// <summary>Counts what the heap holds, in all and by size class. Takes some microseconds; thread-safe, stops nobody, and allocates no managed memory.</summary>
        /// <param name="sizeClasses">Receives a row for each size class that has spans, the smallest first: <see cref="SizeClassStatistics.MaxCount"/> long, or longer.</param>
        /// <param name="count">The number of rows.</param>
        /// <returns>The counts in all. The rows are of the same reading, so that they add up to it.</returns>
        /// <exception cref="ArgumentException"><paramref name="sizeClasses"/> is too short.</exception>
        /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
        public HeapStatistics GetStatistics(Span<SizeClassStatistics> sizeClasses, out int count) =>
            sizeClasses.Length >= SizeClassStatistics.MaxCount
                ? Read(heap, sizeClasses, out count)
                : throw new ArgumentException($"The span has room for {sizeClasses.Length} size classes. A heap may have {SizeClassStatistics.MaxCount} (SizeClassStatistics.MaxCount).", nameof(sizeClasses));

        /// <summary>Lists what is alive in the heap, by kind and by whether anything leads to it: for a moment at which nothing should be alive.</summary>
        /// <returns>The report, whose text is for people.</returns>
        /// <remarks>
        /// <para>
        /// What leads to an object is looked for in the memory of all heaps, so this takes a time that grows with all of it, and some managed memory: a few bits a slot, four bytes more a slot of a checked heap, and eight bytes a pointer. Thread-safe,
        /// and stops nobody. What other threads change meanwhile may be in it or not; of a process that is quiet it is exact.
        /// </para>
        /// <inheritdoc cref="Reachability" path="/remarks"/>
        /// </remarks>
        /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
        public LeakReport GetLeakReport()
        {
            ArgumentNullException.ThrowIfNull(heap);
            CentralSet* set = heap.SetToRead;
            return new(heap, set, set == null ? null : new HeapGraph());
        }

        /// <summary>Looks for what still points into a block, in all heaps: live objects that may hold pointers, tables, pools, collections and roots (<see cref="AddRoot"/>).</summary>
        /// <param name="block">The block, or any address in it. It may have been freed: then what is found are pointers that dangle.</param>
        /// <returns>The report, whose text is for people. The pointers that a block holds into itself are not in it.</returns>
        /// <remarks>
        /// At any check level. A block is as long as its slot, or as its pages if it is a large one; where nothing is allocated any more, pointers to this very byte are looked for. Pointers are words at multiples of 8
        /// bytes, to the first byte of the block or any other. For time, memory and other threads the remarks of <c>GetLeakReport</c> hold, but that it takes memory for what is found only.
        /// </remarks>
        public static unsafe ReferenceReport FindReferences(void* block) => ReferenceReport.Of((byte*)block);

        /// <summary>Names memory of your own in which pointers to objects are kept, static storage or another allocator's: what it points to is reachable, and <see cref="FindReferences"/> looks there.</summary>
        /// <param name="start">Its first byte. The memory must be readable, and stay where it is, until <see cref="RemoveRoot"/> has returned.</param>
        /// <param name="bytes">Its length.</param>
        /// <exception cref="ArgumentNullException">There is no first byte.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The length is 0, or goes beyond the end of addresses.</exception>
        public static unsafe void AddRoot(void* start, nuint bytes)
        {
            ArgumentNullException.ThrowIfNull(start);
            ArgumentOutOfRangeException.ThrowIfZero(bytes);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, 0 - (nuint)start);
            RootList.Add((byte*)start, bytes);
        }

        /// <summary>Takes back what <see cref="AddRoot"/> has been told, of the last one that begins there. When it returns nobody reads the memory any more.</summary>
        /// <param name="start">Its first byte.</param>
        /// <returns>Whether there was a root that begins there.</returns>
        public static unsafe bool RemoveRoot(void* start) => RootList.Remove((byte*)start);

        /// <summary>Counts what all heaps of the process hold. Takes some microseconds a heap; thread-safe, and stops nobody.</summary>
        /// <returns>The counts; all zero before the first allocation.</returns>
        public static ProcessStatistics GetProcessStatistics() => HeapProcess.IsStarted ? StatisticsReader.ReadProcess() : default;

        /// <summary>Writes the statistics of the process, of all its heaps with their size classes, and of pools as one JSON object. Thread-safe, and stops nobody; docs/statistics.md lists the keys.</summary>
        /// <param name="writer">Where to; it is not flushed.</param>
        /// <param name="pools">Pools of the caller's, to stand after <see cref="NativeMemoryPool.Shared"/>: a pool is known to who made it only.</param>
        public static void WriteStatistics(Utf8JsonWriter writer, params ReadOnlySpan<NativeMemoryPool> pools)
        {
            ArgumentNullException.ThrowIfNull(writer);
            StatisticsJson.Write(writer, pools);
        }

        /// <summary>Writes the statistics of the process, of all its heaps with their size classes, and of the shared pool as one JSON object in UTF-8.</summary>
        /// <param name="output">Where to.</param>
        /// <inheritdoc cref="extension(Heap).WriteStatistics(Utf8JsonWriter, ReadOnlySpan{NativeMemoryPool})"/>
        public static void WriteStatistics(IBufferWriter<byte> output)
        {
            ArgumentNullException.ThrowIfNull(output);
            using Utf8JsonWriter writer = new(output);
            StatisticsJson.Write(writer, []);
        }

        /// <summary>Writes the statistics of the process, of all its heaps with their size classes, and of the shared pool as one JSON object in UTF-8.</summary>
        /// <param name="output">Where to.</param>
        /// <inheritdoc cref="extension(Heap).WriteStatistics(Utf8JsonWriter, ReadOnlySpan{NativeMemoryPool})"/>
        public static void WriteStatistics(Stream output)
        {
            ArgumentNullException.ThrowIfNull(output);
            using Utf8JsonWriter writer = new(output);
            StatisticsJson.Write(writer, []);
        }
    }

    private static HeapStatistics Read(Heap heap, Span<SizeClassStatistics> rows, out int count)
    {
        ArgumentNullException.ThrowIfNull(heap);
        count = 0;
        CentralSet* set = heap.SetToRead;
        return set == null ? default : StatisticsReader.ReadHeap(set, rows, out count);
    }
}
