// Structs of other assemblies, for which an attribute of this one asks stubs. Each program calls some by the names that its language has for them, and asserts for itself.

using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

using NativeHeap.CodeAnalysis;
using NativeHeap.Generators.Tests.Harness;

using Xunit;

namespace NativeHeap.Generators.Tests;

public sealed class ForeignStubTests
{
    private const string Matrix = """
        using System;
        using System.Numerics;
        using NativeHeap;
        [assembly: NativeAllocated(typeof(Matrix4x4))]
        """;

    private const string Check = " internal static class Check { public static void That(bool holds) { if (!holds) { throw new InvalidOperationException(); } } }";

    // Whoever frees goes by the class of the stubs: the slots here are of 64 bytes, and their objects freed by the right one are handed out again.
    private const string Use = """

        public static class Program
        {
            public static unsafe void Run()
            {
                using Heap heap = new();
                Matrix4x4* world = NAME.Alloc(Matrix4x4.Identity);
                Check.That(*world == Matrix4x4.Identity && Heap.Shared.UsableSize(world) == 64);
                NAME.Free(world);
                Matrix4x4* again = NAME.AllocZeroed();
                Check.That(again == world && *again == default);
                NAME.Free(again);
                NAME.Free(null);

                Matrix4x4* local = NAME.Alloc(heap, Matrix4x4.Identity);
                Check.That(heap.Owns(local));
                NAME.Free(heap, local);
                Span<NativePointer<Matrix4x4>> batch = new NativePointer<Matrix4x4>[3];
                NAME.AllocBatch(heap, batch);
                NAME.FreeBatch(heap, batch);
                NAME.AllocBatch(batch);
                NAME.FreeBatch(batch);

                using NativeOwner<Matrix4x4> owner = NAME.Rent();
                owner.Value.M11 = 3;
                using NativeOwner<Matrix4x4> moved = owner.Move();
                Check.That(owner.IsNull && moved.Value.M11 == 3);
                using (NativeOwner<Matrix4x4> ofHeap = NAME.Rent(heap, Matrix4x4.Identity))
                {
                    Check.That(ofHeap.Value == Matrix4x4.Identity && heap.Owns(ofHeap.DangerousGetPointer()));
                }

                NAME.Free(NAME.Rent().Detach());
                Check.That(heap.GetStatistics().LiveObjects == 0);
            }
        }
        """;

    [Fact]
    public void Foreign_struct() => new StubProgram(Matrix + Use.Replace("NAME", "Matrix4x4", System.StringComparison.Ordinal) + Check) { Language = StubProgram.CSharp14 }.Verify(nameof(Foreign_struct));

    [Fact]
    public void Foreign_struct_before_extension_members()
        => new StubProgram(Matrix + Use.Replace("NAME", "Matrix4x4Allocation", System.StringComparison.Ordinal) + Check) { Language = LanguageVersion.CSharp13 }
            .Verify(nameof(Foreign_struct_before_extension_members));

    [Theory]
    [InlineData(1100)]
    [InlineData(1300)]
    [InlineData(1400)]
    public void The_class_has_the_stubs_in_every_language_version(int number)
    {
        LanguageVersion version = (LanguageVersion)number;
        StubProgram.Require(version);
        GeneratorRun run = GeneratorRun.Of(Compilations.Create(
            [Matrix + Use.Replace("NAME", "Matrix4x4Allocation", System.StringComparison.Ordinal) + Check],
            parseOptions: Compilations.ParseOptions.WithLanguageVersion(version)));
        run.AssertCompilesWithoutWarnings();
    }

    [Fact]
    public void Foreign_struct_without_unsafe_code() => new StubProgram(Matrix + """

        public static class Program
        {
            public static void Run()
            {
                using NativeOwner<Matrix4x4> owner = Matrix4x4.Rent(Matrix4x4.Identity);
                Check.That(owner.Value.IsIdentity);
            }
        }
        """ + Check) { AllowUnsafe = false, Language = StubProgram.CSharp14 }.Verify(nameof(Foreign_struct_without_unsafe_code));

    [Fact]
    public void Foreign_structs_of_the_framework() => new StubProgram("""
        using System;
        using System.Collections.Generic;
        using System.Numerics;
        using System.Runtime.Intrinsics;
        using NativeHeap;
        [assembly: NativeAllocated(typeof(Vector4), Alignment = 64)]
        [assembly: NativeAllocated(typeof(KeyValuePair<int, long>)), NativeAllocated(typeof(Vector<float>))]
        [assembly: NativeAllocated(typeof((byte Side, long Price)))]
        [assembly: NativeAllocated(typeof(nint)), NativeAllocated(typeof(decimal))]
        [assembly: NativeAllocated(typeof(DayOfWeek))]
        [assembly: NativeAllocated(typeof(Vector512<byte>))]
        public static class Program
        {
            public static unsafe void Run()
            {
                Vector4* aligned = Vector4.Alloc();
                Check.That((nint)aligned % 64 == 0);
                Vector4.Free(aligned);
                using (NativeOwner<Vector4> owner = Vector4.Rent(Vector4.One))
                {
                    Check.That((nint)owner.DangerousGetPointer() % 64 == 0);
                }

                KeyValuePair<int, long>* pair = KeyValuePair<int, long>.Alloc(new KeyValuePair<int, long>(1, 2));
                Check.That(pair->Value == 2);
                KeyValuePair<int, long>.Free(pair);
                using NativeOwner<(byte, long)> tuple = ValueTuple<byte, long>.Rent((1, 2));
                Check.That(tuple.Value.Item2 == 2);
                using NativeOwner<decimal> number = decimal.Rent(1.5m);
                Check.That(number.Value == 1.5m);
                using NativeOwner<DayOfWeek> day = DayOfWeek.Rent(DayOfWeek.Friday);
                Check.That(day.Value == DayOfWeek.Friday);
                Vector512<byte>.Free(Vector512<byte>.Alloc());
            }
        }
        """ + Check) { Language = StubProgram.CSharp14 }.Verify(nameof(Foreign_structs_of_the_framework));

    [Fact]
    public void Foreign_structs_of_a_library() => new StubProgram("""
        using System;
        using NativeHeap;
        [assembly: NativeAllocated(typeof(Library.Packed))]
        [assembly: NativeAllocated(typeof(Library.Outer.Inner))]
        [assembly: NativeAllocated(typeof(Library.Cell<Shop.Own>.Part<int>))]
        [assembly: NativeAllocated(typeof(Library.Node))]
        [assembly: NativeAllocated(typeof(Library.@event.@class))]
        [assembly: NativeAllocated(typeof(Shop.Side))]
        namespace Shop { public struct Own { public byte A; } internal enum Side : byte { Buy } }
        public static class Program
        {
            public static unsafe void Run()
            {
                Library.Packed* packed = Library.Packed.Alloc();
                Check.That(Heap.Shared.UsableSize(packed) == 16);
                Library.Packed.Free(packed);
                Library.Cell<Shop.Own>.Part<int>.Free(Library.Cell<Shop.Own>.Part<int>.Alloc());
                Library.Outer.Inner.Free(Library.Outer.Inner.Alloc());
            }
        }
        """ + Check)
    {
        Language = StubProgram.CSharp14,
        ReferencesLibraryAlone = true,
        Library = """
        using System.Runtime.InteropServices;
        namespace Library;
        [StructLayout(LayoutKind.Sequential, Pack = 2, Size = 14)] public struct Packed { public byte A; private long _b; }
        public class Outer { public struct Inner { public System.Guid A; } }
        public struct Cell<T> where T : unmanaged { public struct Part<U> where U : unmanaged { private T _first; private U _second; } }
        public unsafe struct Node { private Node* _next; }
        public partial class @event { public struct @class { public int @struct; } }
        """,
    }.Verify(nameof(Foreign_structs_of_a_library));

    [Fact]
    public void Foreign_structs_of_one_name() => new StubProgram("""
        using NativeHeap;
        [assembly: NativeAllocated(typeof(System.Numerics.Vector4))]
        [assembly: NativeAllocated(typeof(Library.Vector4))]
        [assembly: NativeAllocated(typeof(Library.Pair<Library.Vector4>)), NativeAllocated(typeof(Library.Pair<System.Numerics.Vector4>))]
        public static class Program
        {
            public static unsafe void Run()
            {
                System.Numerics.Vector4.Free(System.Numerics.Vector4.Alloc());
                Library.Vector4.Free(Library_Vector4Allocation.Alloc());
            }
        }
        """) { Language = StubProgram.CSharp14, Library = "namespace Library; public struct Vector4 { public double X; } public struct Pair<T> { public T A, B; }" }.Verify(nameof(Foreign_structs_of_one_name));

    [Theory]
    [InlineData("typeof(string)", "NotStruct")]
    [InlineData("typeof(int[])", "NotStruct")]
    [InlineData("typeof(void)", "NotStruct")]
    [InlineData("typeof(int*)", "NotStruct")]
    [InlineData("typeof(System.Action)", "NotStruct")]
    [InlineData("typeof(System.Collections.Generic.KeyValuePair<,>)", "Open")]
    [InlineData("typeof(System.Collections.Generic.List<>.Enumerator)", "Open")]
    [InlineData("typeof(System.Span<int>)", "RefStruct")]
    [InlineData("typeof(System.Collections.Generic.KeyValuePair<int, string>)", "NotUnmanaged")]
    [InlineData("typeof(System.Threading.CancellationToken)", "NotUnmanaged")]
    [InlineData("typeof(Own)", "Own")]
    [InlineData("typeof(Generic<int>)", "Own")]
    [InlineData("typeof(System.Guid?)", "Nullable")]
    [InlineData("typeof(System.Collections.Generic.KeyValuePair<int, Hidden>)", "Unnameable")]
    [InlineData("typeof(Library.Stubbed)", "HasStubs")]
    [InlineData("(System.Type)null!", "NoType")]
    [InlineData("", "NoType")]
    public void A_type_that_cannot_have_stubs_gets_none(string argument, string problem)
    {
        string library = "namespace Library; [NativeHeap.NativeAllocated] public partial struct Stubbed { public int A; }";
        byte[] image = Compilations.Emit(GeneratorRun.Of(Compilations.Create([library], name: "Library")).Output);
        GeneratorRun run = GeneratorRun.Of(Compilations.Create(
            [$"[assembly: NativeHeap.NativeAllocated({argument})] struct Own {{ }} struct Generic<T> {{ }} file struct Hidden {{ }}"],
            references: [MetadataReference.CreateFromImage(image)]));

        run.AssertCompilesWithoutWarnings();
        Assert.Empty(run.Result.GeneratedSources);
        Assert.Equal(problem, Assert.Single(ForeignTypes.Of(run.Input)).Problem.ToString());
    }

    [Theory]
    [InlineData("typeof(Missing)")]
    [InlineData("typeof(System.Nullable<Missing>)")]
    [InlineData("typeof()")]
    [InlineData("typeof(int), typeof(long)")]
    [InlineData("5")]
    [InlineData("typeof(System.Numerics.Vector4), Alignment = \"x\"")]
    [InlineData("typeof(System.Numerics.Vector4)")]
    public void Broken_attributes_get_no_errors_of_ours(string argument)
    {
        GeneratorRun run = GeneratorRun.Of(Compilations.Create([$"[assembly: NativeHeap.NativeAllocated({argument})] struct Own {{"]));
        Assert.Null(run.Result.Exception);
        Assert.All(run.Output.GetDiagnostics(TestContext.Current.CancellationToken), d => Assert.Contains(d.Location.SourceTree, run.Input.SyntaxTrees));
    }

    [Fact]
    public void A_type_that_is_named_twice_has_its_stubs_once()
    {
        GeneratorRun run = GeneratorRun.Of(Compilations.Create(
        [
            "[assembly: NativeHeap.NativeAllocated(typeof((int A, int B)))]",
            "[assembly: NativeHeap.NativeAllocated(typeof((int, int)), Alignment = 64), NativeHeap.NativeAllocated(typeof(int)), NativeHeap.NativeAllocated(typeof(System.Int32))]",
        ]));

        run.AssertCompilesWithoutWarnings();
        Assert.Equal(["", "Repeated", "", "Repeated"], ForeignTypes.Of(run.Input).Select(static r => r.Problem.ToString()));
        Assert.Equal(2, run.Result.GeneratedSources.Length);
    }

    [Fact]
    public void A_type_that_only_an_alias_names_has_no_stubs()
    {
        MetadataReference library = MetadataReference.CreateFromImage(
            Compilations.Emit(Compilations.Create(["namespace Library; public struct Cell<T> { public T A; }"], name: "Library")),
            new MetadataReferenceProperties(aliases: ["other"]));
        GeneratorRun run = GeneratorRun.Of(Compilations.Create(
            ["extern alias other; using other::Library; [assembly: NativeHeap.NativeAllocated(typeof(Cell<int>)), NativeHeap.NativeAllocated(typeof(System.Collections.Generic.KeyValuePair<int, Cell<int>>))]"],
            references: [library]));

        run.AssertCompilesWithoutWarnings();
        Assert.Empty(run.Result.GeneratedSources);
        Assert.All(ForeignTypes.Of(run.Input), static request => Assert.Equal(ForeignTypeProblem.Unnameable, request.Problem));
    }

    [Fact]
    public void The_stubs_of_an_assembly_whose_internals_are_seen_serve()
    {
        StubProgram.Require(StubProgram.CSharp14);
        string library = "[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"Consumer\"), NativeHeap.NativeAllocated(typeof(System.Numerics.Vector4))]";
        byte[] image = Compilations.Emit(GeneratorRun.Of(Compilations.Create([library], name: "Library")).Output);
        GeneratorRun run = GeneratorRun.Of(Compilations.Create(
            ["using NativeHeap; using System.Numerics; [assembly: NativeAllocated(typeof(Vector4))] class C { static void M() { using var o = Vector4.Rent(); } }"],
            references: [MetadataReference.CreateFromImage(image)]));

        run.AssertCompilesWithoutWarnings();
        Assert.Empty(run.Result.GeneratedSources);
        Assert.Equal("Library", Assert.Single(ForeignTypes.Of(run.Input)).Earlier?.Name);
    }
}
