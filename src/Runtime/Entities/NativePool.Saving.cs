// Saving and restoring with handles, so that what refers to elements of a pool from elsewhere may be saved as it is. Saving.cs has how, SaveFormat.cs the form of the file.
//
// Restoring exchanges the memory under the pool's word, which all its copies go on to share.

using System;
using System.Buffers;
using System.IO;

using NativeHeap.Entities;
using NativeHeap.Heaps;

namespace NativeHeap;

public readonly unsafe partial struct NativePool<T>
{
    private NativePool(ContainerReference container) => _container = container;

    /// <inheritdoc cref="NativeTable{T}.Save(Stream)"/>
    public void Save(Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        Saving.Save(State, SaveHeader.TypeOf<T>(), destination, null);
    }

    /// <inheritdoc cref="NativeTable{T}.Save(IBufferWriter{byte})"/>
    public void Save(IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        Saving.Save(State, SaveHeader.TypeOf<T>(), null, destination);
    }

    /// <inheritdoc cref="NativeTable{T}.Restore(Stream)"/>
    [InvalidatesReferences]
    public void Restore(Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        SaveReader reader = new(typeof(NativePool<T>), source, default);
        Restore(ref reader);
    }

    /// <inheritdoc cref="NativeTable{T}.Restore(ReadOnlySpan{byte})"/>
    [InvalidatesReferences]
    public int Restore(ReadOnlySpan<byte> source)
    {
        SaveReader reader = new(typeof(NativePool<T>), null, source);
        Restore(ref reader);
        return (int)reader.Position;
    }

    private void Restore(ref SaveReader reader)
    {
        PoolState* pool = State;
        NativePool<T> replaced = new(Saving.Restore<NativePool<T>, PoolState>(_container, pool, pool->MaxCount, SaveHeader.TypeOf<T>(), ref reader));

        // The versions of the two may be equal.
        pool->Version = replaced.State->Version + 1;
        replaced.Dispose();
    }
}
