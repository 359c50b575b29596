// Saving and restoring with handles, so that what refers to elements of a table from elsewhere may be saved as it is. Saving.cs has how, SaveFormat.cs the form of the file.
//
// Restoring exchanges the memory under the table's word, which all its copies go on to share.

using System;
using System.Buffers;
using System.IO;

using NativeHeap.Entities;
using NativeHeap.Heaps;

namespace NativeHeap;

public readonly unsafe partial struct NativeTable<T>
{
    private NativeTable(ContainerReference container) => _container = container;

    /// <summary>Writes all elements with their handles, so that after <see cref="Restore(Stream)"/> every handle is valid that is valid now, and every one stale that is stale now.</summary>
    /// <param name="destination">Where to.</param>
    /// <remarks>
    /// Elements are written as they lie in memory, handles in them included; pointers in them mean nothing when they come back. Files have a version, the name and size of the type, and a checksum;
    /// they are little-endian.
    /// </remarks>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public void Save(Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        Saving.Save(State, SaveHeader.TypeOf<T>(), destination, null);
    }

    /// <param name="destination">Where to.</param>
    /// <inheritdoc cref="Save(Stream)" path="/summary|/remarks"/>
    public void Save(IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        Saving.Save(State, SaveHeader.TypeOf<T>(), null, destination);
    }

    /// <summary>
    /// Replaces all elements by those that were saved, with the handles that they had. Those that there were are removed, each with its <c>OnFreeing</c>; no reference or span is valid afterwards. For
    /// the time of it there is memory for both.
    /// </summary>
    /// <param name="source">What was saved; the stream is left after the last byte of it.</param>
    /// <remarks>
    /// Handles that were given out after the saving are taken for valid again when their slots have come to the same generation. What was saved may have been another one of the kind, of this or another
    /// process; this one must have been made for as many elements as that had slots.
    /// </remarks>
    /// <exception cref="InvalidDataException">The input was not saved by one of this kind and type, or is damaged, or does not fit. Nothing has changed.</exception>
    /// <exception cref="OutOfMemoryException">The system has no memory, or a limit stands in the way. Nothing has changed.</exception>
    /// <exception cref="IOException">The stream cannot be read. Nothing has changed.</exception>
    [InvalidatesReferences]
    public void Restore(Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        SaveReader reader = new(typeof(NativeTable<T>), source, default);
        Restore(ref reader);
    }

    /// <param name="source">What was saved; bytes after it are left alone.</param>
    /// <returns>The bytes that it took.</returns>
    /// <inheritdoc cref="Restore(Stream)" path="/summary|/remarks|/exception[@cref='InvalidDataException' or @cref='OutOfMemoryException']"/>
    [InvalidatesReferences]
    public int Restore(ReadOnlySpan<byte> source)
    {
        SaveReader reader = new(typeof(NativeTable<T>), null, source);
        Restore(ref reader);
        return (int)reader.Position;
    }

    private void Restore(ref SaveReader reader)
    {
        TableState* table = State;
        NativeTable<T> replaced = new(Saving.Restore<NativeTable<T>, TableState>(_container, table, table->MaxCount, SaveHeader.TypeOf<T>(), ref reader));

        // The versions of the two may be equal.
        table->Version = replaced.State->Version + 1;
        replaced.Dispose();
    }
}
