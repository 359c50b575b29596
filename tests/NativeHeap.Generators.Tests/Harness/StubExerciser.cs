// Calls the generated stubs of a loaded type and compares their claim with what the running process knows. The type may be private and
// generic, so its stubs are called through function pointers; only members with [GeneratedCode] are, never a user's own. They are members of the type, or of a class beside it.

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

    /// <summary>Exercises every type of an assembly that has stubs, or has them in it, and returns their number; a generic one is closed over <see cref="int"/>.</summary>
    public static int ExerciseAll(Assembly assembly)
    {
        (Type Type, Type Layout, Type Home)[] stubs = [.. assembly.GetTypes().Where(HasStubs).Select(Closed).Select(static t => (t, t, t)), .. assembly.GetTypes().Where(ExtendsType).Select(Extended)];
        MethodInfo exercise = typeof(StubExerciser).GetMethod(nameof(Exercise), Everything)!;
        foreach ((Type type, Type layout, Type home) in stubs)
        {
            exercise.MakeGenericMethod(type, layout).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [home], null);
        }

        return stubs.Length;
    }

    /// <summary>The natural alignment of a type in this process, in bytes.</summary>
    public static int AlignmentOf<T>()
        where T : unmanaged
        => 1 << int.Log2(sizeof(Probe<T>) - sizeof(T));

    private static bool HasStubs(Type type)
        => type.IsValueType && type.IsAssignableTo(typeof(INativeLayoutClaim)) && !(type.DeclaringType is { } home && ExtendsType(home));

    private static Type Closed(Type type)
        => type.IsGenericTypeDefinition ? type.MakeGenericType([.. type.GetGenericArguments().Select(static _ => typeof(int))]) : type;

    private static bool ExtendsType(Type type)
        => type is { IsAbstract: true, IsSealed: true, Namespace: "NativeHeap" } && LayoutOf(type) is not null;

    private static (Type Type, Type Layout, Type Home) Extended(Type home)
        => (home.GetMethod("Rent", Everything, [])!.ReturnType.GetGenericArguments()[0], LayoutOf(home)!, home);

    private static Type? LayoutOf(Type home)
        => home.GetNestedTypes(BindingFlags.NonPublic).SingleOrDefault(static t => t.IsAssignableTo(typeof(INativeLayoutClaim)));

    private static void Exercise<T, TLayout>(Type home)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        int alignment = AssertClaimHolds<T, TLayout>();
        T pattern = default;
        MemoryMarshal.AsBytes(new Span<T>(ref pattern)).Fill(0x5a);
        ExerciseShared<T, TLayout>(home, alignment, in pattern);
        using Heap heap = new();
        ExerciseOfHeap<T, TLayout>(home, heap, alignment, in pattern);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    private static void ExerciseShared<T, TLayout>(Type home, int alignment, in T pattern)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        nint free = Stub(home, "Free", typeof(T*));
        if (Stub(home, "Alloc") is not 0 and var alloc)
        {
            T* pointer = ((delegate* managed<T*>)alloc)();
            Assert.Equal(0, (nint)pointer % alignment);
            *pointer = pattern;
            AssertSame(in pattern, in *pointer);
            Free(pointer);
        }

        if (Stub(home, "Alloc", typeof(T).MakeByRefType()) is not 0 and var allocCopy)
        {
            T* pointer = ((delegate* managed<ref readonly T, T*>)allocCopy)(in pattern);
            AssertSame(in pattern, in *pointer);
            Free(pointer);
        }

        if (Stub(home, "AllocZeroed") is not 0 and var allocZeroed)
        {
            T* pointer = ((delegate* managed<T*>)allocZeroed)();
            AssertSame(default, in *pointer);
            Free(pointer);
        }

        if (Stub(home, "AllocBatch", typeof(Span<NativePointer<T>>)) is not 0 and var allocBatch)
        {
            NativePointer<T>[] batch = new NativePointer<T>[5];
            ((delegate* managed<Span<NativePointer<T>>, void>)allocBatch)(batch);
            Assert.Equal(batch.Length, batch.Distinct().Count());
            Assert.All(batch, static pointer => Assert.False(pointer.IsNull));
            if (Stub(home, "FreeBatch", typeof(ReadOnlySpan<NativePointer<T>>)) is not 0 and var freeBatch)
            {
                ((delegate* managed<ReadOnlySpan<NativePointer<T>>, void>)freeBatch)(batch);
            }
            else
            {
                NativeStubs.FreeBatch<T, TLayout>(batch);
            }
        }

        if (Stub(home, "Rent") is not 0 and var rent)
        {
            using NativeOwner<T> owner = ((delegate* managed<NativeOwner<T>>)rent)();
            AssertSame(default, in owner.Value);
        }

        if (Stub(home, "Rent", typeof(T).MakeByRefType()) is not 0 and var rentCopy)
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
                NativeStubs.Free<T, TLayout>(pointer);
            }
        }
    }

    private static void ExerciseOfHeap<T, TLayout>(Type home, Heap heap, int alignment, in T pattern)
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        nint free = Stub(home, "Free", typeof(Heap), typeof(T*));
        if (Stub(home, "Alloc", typeof(Heap)) is not 0 and var alloc)
        {
            T* pointer = ((delegate* managed<Heap, T*>)alloc)(heap);
            Assert.Equal(0, (nint)pointer % alignment);
            *pointer = pattern;
            AssertSame(in pattern, in *pointer);
            Free(pointer);
        }

        if (Stub(home, "Alloc", typeof(Heap), typeof(T).MakeByRefType()) is not 0 and var allocCopy)
        {
            T* pointer = ((delegate* managed<Heap, ref readonly T, T*>)allocCopy)(heap, in pattern);
            AssertSame(in pattern, in *pointer);
            Free(pointer);
        }

        if (Stub(home, "AllocZeroed", typeof(Heap)) is not 0 and var allocZeroed)
        {
            T* pointer = ((delegate* managed<Heap, T*>)allocZeroed)(heap);
            AssertSame(default, in *pointer);
            Free(pointer);
        }

        if (Stub(home, "AllocBatch", typeof(Heap), typeof(Span<NativePointer<T>>)) is not 0 and var allocBatch)
        {
            NativePointer<T>[] batch = new NativePointer<T>[5];
            ((delegate* managed<Heap, Span<NativePointer<T>>, void>)allocBatch)(heap, batch);
            Assert.Equal(batch.Length, batch.Distinct().Count());
            Assert.All(batch, pointer => Assert.True(heap.Owns(pointer.ToPointer())));
            if (Stub(home, "FreeBatch", typeof(Heap), typeof(ReadOnlySpan<NativePointer<T>>)) is not 0 and var freeBatch)
            {
                ((delegate* managed<Heap, ReadOnlySpan<NativePointer<T>>, void>)freeBatch)(heap, batch);
            }
            else
            {
                NativeStubs.FreeBatch<T, TLayout>(heap, batch);
            }
        }

        if (Stub(home, "Rent", typeof(Heap)) is not 0 and var rent)
        {
            using NativeOwner<T> owner = ((delegate* managed<Heap, NativeOwner<T>>)rent)(heap);
            AssertSame(default, in owner.Value);
            Assert.True(heap.Owns(owner.DangerousGetPointer()));
        }

        if (Stub(home, "Rent", typeof(Heap), typeof(T).MakeByRefType()) is not 0 and var rentCopy)
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
                NativeStubs.Free<T, TLayout>(heap, pointer);
            }
        }
    }

    private static int AssertClaimHolds<T, TLayout>()
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        ulong claim = TLayout.NativeLayout;
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

    private static nint Stub(Type home, string name, params Type[] parameters)
    {
        MethodInfo? method = home.GetMethod(name, Everything, parameters);
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
