// Calls the generated stubs of a loaded type and compares their claim with what the running process knows. The type may be private and
// generic, so its stubs are called through function pointers; only members with [GeneratedCode] are, never a user's own.

using System;
using System.CodeDom.Compiler;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;

using NativeHeap.CompilerServices;
using NativeHeap.SizeClasses;

using Xunit;

namespace NativeHeap.Generators.Tests.Harness;

internal static unsafe class StubExerciser
{
    private const BindingFlags Everything = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Exercises every type of an assembly that has stubs and returns their number; a generic one is closed over <see cref="int"/>.</summary>
    public static int ExerciseAll(Assembly assembly)
    {
        MethodInfo exercise = typeof(StubExerciser).GetMethod(nameof(Exercise), Everything)!;
        Type[] types = [.. assembly.GetTypes().Where(HasStubs)];
        foreach (Type type in types)
        {
            Type closed = type.IsGenericTypeDefinition ? type.MakeGenericType([.. type.GetGenericArguments().Select(static _ => typeof(int))]) : type;
            exercise.MakeGenericMethod(closed).Invoke(null, BindingFlags.DoNotWrapExceptions, null, null, null);
        }

        return types.Length;
    }

    /// <summary>The natural alignment of a type in this process, in bytes.</summary>
    public static int AlignmentOf<T>()
        where T : unmanaged
        => 1 << int.Log2(sizeof(Probe<T>) - sizeof(T));

    private static bool HasStubs(Type type)
        => type.IsValueType && type.GetInterfaces().Any(static i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(INativeAllocated<>));

    private static void Exercise<T>()
        where T : unmanaged, INativeAllocated<T>
    {
        int alignment = AssertClaimHolds<T>();
        T pattern = default;
        MemoryMarshal.AsBytes(new Span<T>(ref pattern)).Fill(0x5a);
        ExerciseShared(alignment, in pattern);
        using Heap heap = new();
        ExerciseOfHeap(heap, alignment, in pattern);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    private static void ExerciseShared<T>(int alignment, in T pattern)
        where T : unmanaged, INativeAllocated<T>
    {
        nint free = Stub<T>("Free", typeof(T*));
        if (Stub<T>("Alloc") is not 0 and var alloc)
        {
            T* pointer = ((delegate* managed<T*>)alloc)();
            Assert.Equal(0, (nint)pointer % alignment);
            *pointer = pattern;
            AssertSame(in pattern, in *pointer);
            Free(pointer);
        }

        if (Stub<T>("Alloc", typeof(T).MakeByRefType()) is not 0 and var allocCopy)
        {
            T* pointer = ((delegate* managed<ref readonly T, T*>)allocCopy)(in pattern);
            AssertSame(in pattern, in *pointer);
            Free(pointer);
        }

        if (Stub<T>("AllocZeroed") is not 0 and var allocZeroed)
        {
            T* pointer = ((delegate* managed<T*>)allocZeroed)();
            AssertSame(default, in *pointer);
            Free(pointer);
        }

        if (Stub<T>("AllocBatch", typeof(Span<NativePointer<T>>)) is not 0 and var allocBatch)
        {
            NativePointer<T>[] batch = new NativePointer<T>[5];
            ((delegate* managed<Span<NativePointer<T>>, void>)allocBatch)(batch);
            Assert.Equal(batch.Length, batch.Distinct().Count());
            Assert.All(batch, static pointer => Assert.False(pointer.IsNull));
            if (Stub<T>("FreeBatch", typeof(ReadOnlySpan<NativePointer<T>>)) is not 0 and var freeBatch)
            {
                ((delegate* managed<ReadOnlySpan<NativePointer<T>>, void>)freeBatch)(batch);
            }
            else
            {
                NativeStubs.FreeBatch<T>(batch);
            }
        }

        if (Stub<T>("Rent") is not 0 and var rent)
        {
            using NativeOwner<T> owner = ((delegate* managed<NativeOwner<T>>)rent)();
            AssertSame(default, in owner.Value);
        }

        if (Stub<T>("Rent", typeof(T).MakeByRefType()) is not 0 and var rentCopy)
        {
            using NativeOwner<T> owner = ((delegate* managed<ref readonly T, NativeOwner<T>>)rentCopy)(in pattern);
            AssertSame(in pattern, in owner.Value);
        }

        void Free(T* pointer)
        {
            if (free != 0)
            {
                ((delegate* managed<T*, void>)free)(pointer);
            }
            else
            {
                NativeStubs.Free(pointer);
            }
        }
    }

    private static void ExerciseOfHeap<T>(Heap heap, int alignment, in T pattern)
        where T : unmanaged, INativeAllocated<T>
    {
        nint free = Stub<T>("Free", typeof(Heap), typeof(T*));
        if (Stub<T>("Alloc", typeof(Heap)) is not 0 and var alloc)
        {
            T* pointer = ((delegate* managed<Heap, T*>)alloc)(heap);
            Assert.Equal(0, (nint)pointer % alignment);
            *pointer = pattern;
            AssertSame(in pattern, in *pointer);
            Free(pointer);
        }

        if (Stub<T>("Alloc", typeof(Heap), typeof(T).MakeByRefType()) is not 0 and var allocCopy)
        {
            T* pointer = ((delegate* managed<Heap, ref readonly T, T*>)allocCopy)(heap, in pattern);
            AssertSame(in pattern, in *pointer);
            Free(pointer);
        }

        if (Stub<T>("AllocZeroed", typeof(Heap)) is not 0 and var allocZeroed)
        {
            T* pointer = ((delegate* managed<Heap, T*>)allocZeroed)(heap);
            AssertSame(default, in *pointer);
            Free(pointer);
        }

        if (Stub<T>("AllocBatch", typeof(Heap), typeof(Span<NativePointer<T>>)) is not 0 and var allocBatch)
        {
            NativePointer<T>[] batch = new NativePointer<T>[5];
            ((delegate* managed<Heap, Span<NativePointer<T>>, void>)allocBatch)(heap, batch);
            Assert.Equal(batch.Length, batch.Distinct().Count());
            Assert.All(batch, pointer => Assert.True(heap.Owns(pointer.ToPointer())));
            if (Stub<T>("FreeBatch", typeof(Heap), typeof(ReadOnlySpan<NativePointer<T>>)) is not 0 and var freeBatch)
            {
                ((delegate* managed<Heap, ReadOnlySpan<NativePointer<T>>, void>)freeBatch)(heap, batch);
            }
            else
            {
                NativeStubs.FreeBatch<T>(heap, batch);
            }
        }

        if (Stub<T>("Rent", typeof(Heap)) is not 0 and var rent)
        {
            using NativeOwner<T> owner = ((delegate* managed<Heap, NativeOwner<T>>)rent)(heap);
            AssertSame(default, in owner.Value);
            Assert.True(heap.Owns(owner.DangerousGetPointer()));
        }

        if (Stub<T>("Rent", typeof(Heap), typeof(T).MakeByRefType()) is not 0 and var rentCopy)
        {
            using NativeOwner<T> owner = ((delegate* managed<Heap, ref readonly T, NativeOwner<T>>)rentCopy)(heap, in pattern);
            AssertSame(in pattern, in owner.Value);
        }

        void Free(T* pointer)
        {
            Assert.True(heap.Owns(pointer));
            if (free != 0)
            {
                ((delegate* managed<Heap, T*, void>)free)(heap, pointer);
            }
            else
            {
                NativeStubs.Free(heap, pointer);
            }
        }
    }

    private static int AssertClaimHolds<T>()
        where T : unmanaged, INativeAllocated<T>
    {
        ulong claim = T.NativeLayout;
        int alignment = LayoutWord.Alignment(claim);
        if (LayoutWord.Version(claim) != 0)
        {
            Assert.Equal(SizeClass.TableVersion, LayoutWord.Version(claim));
            Assert.Equal(sizeof(T), LayoutWord.Size(claim));
            Assert.Equal(SizeClass.ClassOf(sizeof(T), alignment), SizeClass.FromSpanClass(LayoutWord.SpanClass(claim)));
            Assert.True(alignment >= AlignmentOf<T>());
        }

        return Math.Max(alignment, AlignmentOf<T>());
    }

    private static nint Stub<T>(string name, params Type[] parameters)
    {
        MethodInfo? method = typeof(T).GetMethod(name, Everything, parameters);
        return method?.IsDefined(typeof(GeneratedCodeAttribute)) == true ? method.MethodHandle.GetFunctionPointer() : 0;
    }

    private static void AssertSame<T>(in T expected, in T actual)
        where T : unmanaged
        => Assert.Equal(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in expected)), MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in actual)));

#pragma warning disable CS0649, CA1823 // Only the size of the struct is asked for; no instance exists.
    private struct Probe<T>
        where T : unmanaged
    {
        public byte Lead;
        public T Value;
    }
#pragma warning restore CS0649, CA1823
}
