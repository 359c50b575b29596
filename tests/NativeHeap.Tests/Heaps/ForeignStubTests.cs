using System;
using System.Collections.Generic;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Threading;

using NativeHeap.SizeClasses;

using Xunit;

[assembly: NativeHeap.NativeAllocated(typeof(Matrix4x4))]
[assembly: NativeHeap.NativeAllocated(typeof(Vector4), Alignment = 64)]
[assembly: NativeHeap.NativeAllocated(typeof(Vector512<float>))]
[assembly: NativeHeap.NativeAllocated(typeof(KeyValuePair<int, decimal>))]

namespace NativeHeap.Tests.Heaps;

/// <summary>The stubs of structs of other assemblies, and what else takes such structs.</summary>
public sealed unsafe class ForeignStubTests
{
    [Fact]
    public void An_object_comes_back_from_the_cache_that_it_went_to()
    {
        Matrix4x4* world = Matrix4x4.Alloc(Matrix4x4.Identity);
        Assert.Equal(Matrix4x4.Identity, *world);
        Assert.Equal(64u, Heap.Shared.UsableSize(world));
        Matrix4x4.Free(world);
        Matrix4x4* again = Matrix4x4.AllocZeroed();
        Assert.Equal((nint)world, (nint)again);
        Assert.Equal(default, *again);
        Matrix4x4.Free(again);
        Matrix4x4.Free(null);
    }

    [Fact]
    public void Alignment_is_kept_by_every_stub_and_by_owners()
    {
        using Heap heap = new();
        NativePointer<Vector4>[] batch = new NativePointer<Vector4>[50];
        for (int round = 0; round < 20; round++)
        {
            Vector4.AllocBatch(heap, batch);
            Assert.All(batch, static pointer => Assert.Equal(0, (nint)pointer.ToPointer() % 64));
            Vector4.FreeBatch(heap, batch);
            using NativeOwner<Vector4> ofHeap = Vector4.Rent(heap, Vector4.One);
            using NativeOwner<Vector4> shared = Vector4.Rent();
            Assert.Equal(0, (nint)ofHeap.DangerousGetPointer() % 64);
            Assert.Equal(0, (nint)shared.DangerousGetPointer() % 64);
            Assert.Equal(64u, heap.UsableSize(ofHeap.DangerousGetPointer()));
        }

        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void A_size_that_the_compiler_does_not_know_is_the_processs()
    {
        using Heap heap = new();
        for (int i = 0; i < 100; i++)
        {
            KeyValuePair<int, decimal>* pair = KeyValuePair<int, decimal>.Alloc(heap, new KeyValuePair<int, decimal>(i, i));
            Vector512<float>* wide = Vector512<float>.Alloc(heap);
            Assert.Equal(i, pair->Value);
            Assert.Equal((nuint)SizeClass.SlotSize(SizeClass.ClassOf(sizeof(KeyValuePair<int, decimal>), sizeof(nint))), heap.UsableSize(pair));
            Assert.Equal(0, (nint)wide % (nint)NativeHeap.Heaps.TypeLayout.NaturalAlignmentOf<Vector512<float>>());
            KeyValuePair<int, decimal>.Free(heap, pair);
            Vector512<float>.Free(heap, wide);
        }

        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void An_owner_moves_and_detaches_and_ends_with_its_heap()
    {
        Heap heap = new();
        NativeOwner<Vector4> owner = Vector4.Rent(heap);
        NativeOwner<Vector4> moved = owner.Move();
        Assert.True(owner.IsNull);
        owner.Dispose();
        Assert.Equal(1, heap.GetStatistics().LiveObjects);
        Vector4.Free(heap, moved.Detach());
        moved.Dispose();
        Assert.Equal(0, heap.GetStatistics().LiveObjects);

        NativeOwner<Vector4> reset = Vector4.Rent(heap);
        heap.Reset();
        reset.Dispose();
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        NativeOwner<Vector4> disposed = Vector4.Rent(heap);
        heap.Dispose();
        disposed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => (nint)Vector4.Alloc(heap));
    }

    [Fact]
    public void An_owner_of_one_heap_of_many_gives_back_to_it()
    {
        // An owner keeps the span class in what the index of a heap leaves over.
        Heap[] heaps = new Heap[300];
        for (int i = 0; i < heaps.Length; i++)
        {
            heaps[i] = new Heap();
        }

        NativeOwner<Matrix4x4> owner = Matrix4x4.Rent(heaps[^1]);
        Assert.Equal(1, heaps[^1].GetStatistics().LiveObjects);
        owner.Dispose();
        Assert.All(heaps, static heap =>
        {
            Assert.Equal(0, heap.GetStatistics().LiveObjects);
            heap.Dispose();
        });
        Assert.True(NativeHeap.Central.HeapIndexes.MaxHeaps <= 1 << 24);
        Assert.True(SizeClass.SpanClassCount <= 1 << 8);
    }

    [Fact]
    public void Another_thread_frees_what_one_allocated()
    {
        using Heap heap = new();
        NativePointer<Matrix4x4>[] batch = new NativePointer<Matrix4x4>[1_000];
        for (int round = 0; round < 3; round++)
        {
            Matrix4x4.AllocBatch(heap, batch);
            Thread thread = new(() =>
            {
                foreach (NativePointer<Matrix4x4> pointer in batch)
                {
                    Matrix4x4.Free(heap, pointer);
                }
            });
            thread.Start();
            thread.Join();
        }

        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void Tables_pools_and_collections_take_such_structs()
    {
        Heap heap = new();
        using (NativeTable<Matrix4x4> table = new(heap))
        using (NativePool<Vector512<float>> pool = new(heap))
        using (NativeDictionary<Guid, KeyValuePair<int, decimal>> dictionary = new(heap))
        using (NativeList<Quaternion> list = new(heap))
        using (NativeArray<DateTime> array = new(heap, 3))
        using (NativeBox<Matrix3x2> box = new(heap, Matrix3x2.Identity))
        using (NativeSpscRing<Complex> ring = new(4))
        {
            table.Add(Matrix4x4.Identity, out NativeHandle<Matrix4x4> handle);
            pool.Add(Vector512<float>.One, out NativeHandle<Vector512<float>> wide);
            Guid key = new(1, 2, 3, [4, 5, 6, 7, 8, 9, 10, 11]);
            dictionary.Add(key, new KeyValuePair<int, decimal>(1, 2));
            list.Add(Quaternion.Identity);
            array[2] = DateTime.UnixEpoch;
            Assert.True(ring.TryEnqueue(Complex.ImaginaryOne));

            Assert.Equal(Matrix4x4.Identity, table[handle]);
            Assert.Equal(Vector512<float>.One, pool[wide]);
            Assert.Equal(0, (nint)pool.GetPointerOrNull(wide) % (nint)NativeHeap.Heaps.TypeLayout.NaturalAlignmentOf<Vector512<float>>());
            Assert.True(dictionary.TryGetValue(key, out KeyValuePair<int, decimal> pair) && pair.Value == 2);
            Assert.Equal(Quaternion.Identity, list[0]);
            Assert.Equal(DateTime.UnixEpoch, array[2]);
            Assert.Equal(Matrix3x2.Identity, box.Value);
            Assert.True(ring.TryDequeue(out Complex number) && number == Complex.ImaginaryOne);
            Assert.True(table.Remove(handle) && pool.Remove(wide) && dictionary.Remove(key));
        }

        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        heap.Dispose();
    }
}
