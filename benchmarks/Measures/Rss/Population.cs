// The objects of an experiment, in a worker. Every page of them is written. The list of their addresses is there before anything is measured.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Rss;

internal abstract class Population
{
    public abstract void Allocate();

    public abstract void Free();

    /// <summary>The pages of the system that hold a byte of an object that is not freed.</summary>
    public abstract int LivePages();
}

internal sealed unsafe class Population<TAllocation> : Population
    where TAllocation : struct, IUntyped
{
    private const int Seed = 1;

    private static readonly int s_pageSize = Environment.SystemPageSize;

    private readonly Experiment _experiment;
    private readonly byte** _objects;

    public Population(Experiment experiment)
    {
        _experiment = experiment;
        _objects = (byte**)NativeMemory.Alloc((nuint)experiment.Objects, (nuint)sizeof(byte*));
        new Span<nint>(_objects, experiment.Objects).Fill(-1);
    }

    public override void Allocate()
    {
        Random random = new(Seed);
        for (int i = 0; i < _experiment.Objects; i++)
        {
            int size = _experiment.NextSize(random);
            byte* block = (byte*)TAllocation.Alloc((nuint)size);
            for (int offset = 0; offset < size; offset += s_pageSize)
            {
                block[offset] = 1;
            }

            block[size - 1] = 1;
            _objects[i] = block;
        }
    }

    public override void Free()
    {
        if (_experiment.KeptEvery == 0)
        {
            new Random(Seed).Shuffle(new Span<nint>(_objects, _experiment.Objects));
        }

        for (int i = 0; i < _experiment.Objects; i++)
        {
            if (!IsKept(i))
            {
                TAllocation.Free(_objects[i]);
            }
        }
    }

    public override int LivePages()
    {
        // The same sizes again.
        Random random = new(Seed);
        HashSet<nint> pages = [];
        for (int i = 0; i < _experiment.Objects; i++)
        {
            int size = _experiment.NextSize(random);
            nint end = (nint)_objects[i] + size;
            for (nint page = (nint)_objects[i] / s_pageSize; IsKept(i) && page * s_pageSize < end; page++)
            {
                _ = pages.Add(page);
            }
        }

        return pages.Count;
    }

    private bool IsKept(int index) => _experiment.KeptEvery != 0 && index % _experiment.KeptEvery == 0;
}
