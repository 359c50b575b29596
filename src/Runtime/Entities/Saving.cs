// Saving a container and restoring it. What is restored is built beside what there is, checked to the last byte, and only then put in its place, so that input of any kind leaves a container
// as it was or as it was saved. For that time there is memory for both.

using System.Buffers;
using System.IO;

using NativeHeap.Central;
using NativeHeap.Heaps;

namespace NativeHeap.Entities;

/// <summary>The state of a container that can be saved. It begins with the header's token.</summary>
internal unsafe interface ISavedState<TSelf>
    where TSelf : unmanaged, ISavedState<TSelf>
{
    /// <summary>The magic number that its files begin with.</summary>
    static abstract ulong Magic { get; }

    /// <summary>Makes an empty one, or null when the system has no memory.</summary>
    static abstract TSelf* Create(CentralSet* set, int valueSize, int maxCount);

    /// <summary>What it has to say of itself but for magic, type and checksum.</summary>
    SaveHeader Describe();

    /// <summary>Writes its arrays.</summary>
    void Write(ref SaveWriter writer);

    /// <summary>Fills an empty one. Throws if the input makes no sense or there is no memory; it can then be closed, and nothing else.</summary>
    void Read(ref SaveReader reader, in SaveHeader header);
}

/// <summary>Saves and restores.</summary>
internal static unsafe class Saving
{
    /// <summary>Writes a container to a stream or to a buffer writer.</summary>
    public static void Save<TState>(TState* state, ulong type, Stream? stream, IBufferWriter<byte>? buffer)
        where TState : unmanaged, ISavedState<TState>
    {
        SaveWriter writer = new(stream, buffer);
        writer.WriteHeader(state->Describe() with { Magic = TState.Magic, Type = type });
        state->Write(ref writer);
        writer.WriteChecksum();
    }

    /// <summary>Restores a container.</summary>
    /// <param name="container">The container.</param>
    /// <param name="state">Its state.</param>
    /// <param name="type">The number of its values' type.</param>
    /// <param name="reader">What to read.</param>
    /// <param name="maxCount">The most elements that it may hold.</param>
    /// <returns>Another container, which has now what was in the one given; the caller ends it.</returns>
    /// <exception cref="InvalidDataException">The input is not a saved container of this kind and type, or is damaged. Nothing has changed.</exception>
    public static ContainerReference Restore<TContainer, TState>(ContainerReference container, TState* state, int maxCount, ulong type, ref SaveReader reader)
        where TState : unmanaged, ISavedState<TState>
    {
        int valueSize = state->Describe().ValueSize;
        SaveHeader header = reader.ReadHeader();
        header.Require(typeof(TContainer), TState.Magic, valueSize, type, maxCount);

        CentralSet* set = ContainerHeader.Of(container.Token)->List->Set;
        var beside = (ContainerHeader*)TState.Create(set, valueSize, maxCount);
        if (beside == null)
        {
            throw EntityErrors.OutOfMemory((nuint)(uint)header.Count * (uint)valueSize, Heap.Of(set));
        }

        ContainerReference other = new(beside->Token);
        bool isDone = false;
        try
        {
            ((TState*)beside)->Read(ref reader, in header);
            reader.RequireChecksum();

            // A handler of a soft limit may have ended it.
            ((ContainerHeader*)container.Require<TContainer>())->Exchange(beside);
            isDone = true;
        }
        finally
        {
            if (!isDone)
            {
                ContainerRoutes.Close(other);
            }
        }

        return other;
    }
}
