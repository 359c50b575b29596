// Structs of other assemblies: NH0012, NH0013 and NH0014, what the other rules on declarations say of them, and that the rules on ownership see their stubs as they see any others.

using System.IO;
using System.Linq;
using System.Threading.Tasks;

using Microsoft.CodeAnalysis;

using Xunit;

namespace NativeHeap.Analyzers.Tests.Declaration;

public static class ForeignTests
{
    private const string Library = """
        using System;
        using System.Runtime.CompilerServices;
        [assembly: InternalsVisibleTo("Program")]
        [assembly: NativeHeap.NativeAllocated(typeof(Guid)), NativeHeap.NativeAllocated(typeof(Foreign.Plain))]
        namespace Foreign
        {
            public struct Plain { public int A; }
            public struct Pair<T> { public T First, Second; }
            public struct Managed { public string Name; }
            [InlineArray(40_000)] public struct Big { private byte _first; }
            public unsafe struct Hiding
            {
                public int A;
                public static Hiding* Alloc() => null;
                public static void Free(void* any) { }
                public static Func<int> Rent = () => 1;
                public static void AllocBatch(params object[] all) { }
            }
            public unsafe struct Lookalike
            {
                public int Free;
                public Lookalike* Alloc() => null;
                public static void AllocZeroed(string name) { }
                public static void Rent(int a, int b, int c) { }
                public struct FreeBatch { }
                private static void AllocBatch(params object[] all) { }
            }
        }
        """;

    public static TheoryData<string, string, string> Wrong => new()
    {
        // NH0012
        { "a class", "[assembly: NativeAllocated({|NH0012:typeof(string)|})]", "'string' cannot be given allocation stubs here: it is not a struct" },
        { "an array", "[assembly: NativeAllocated({|NH0012:typeof(int[])|})]", "'int[]' cannot" },
        { "void", "[assembly: NativeAllocated({|NH0012:typeof(void)|})]", "it is not a struct" },
        { "an open type", "[assembly: NativeAllocated({|NH0012:typeof(KeyValuePair<,>)|})]", "it is generic" },
        { "a ref struct", "[assembly: NativeAllocated({|NH0012:typeof(Span<int>)|})]", "'Span<int>' cannot be given allocation stubs here: it is a ref struct" },
        { "a struct of this project", "[assembly: NativeAllocated({|NH0012:typeof(Own)|})] struct Own { public int A; }", "it is a struct of this project. Put [NativeAllocated] on its declaration" },
        { "a managed one", "[assembly: NativeAllocated({|NH0012:typeof(Foreign.Managed)|})]", "it holds references" },
        { "of a managed argument", "[assembly: NativeAllocated({|NH0012:typeof(Foreign.Pair<string>)|})]", "'Pair<string>' cannot" },
        { "a nullable one", "[assembly: NativeAllocated({|NH0012:typeof(Guid?)|})]", "the language allows no nullable type" },
        { "of a private argument", "[assembly: NativeAllocated({|NH0012:typeof(Foreign.Pair<Local>)|})] file struct Local { public int A; }", "it is private, file-local or of an assembly referenced by an alias" },
        { "no type", "[assembly: {|NH0012:NativeAllocated|}]", "An assembly cannot be given allocation stubs here: the attribute must name a struct" },
        { "no type, but an alignment", "[assembly: {|NH0012:NativeAllocated(Alignment = 64)|}]", "An assembly cannot" },
        { "null", "[assembly: NativeAllocated({|NH0012:null!|})]", "An assembly cannot" },
        { "on a struct", "[NativeAllocated({|NH0012:typeof(Foreign.Plain)|})] partial struct Own { public int A; }", "the attribute stands on 'Own', which is all that it is for. Write [assembly: NativeAllocated(typeof(Plain))]" },
        { "two in one list", "[assembly: CLSCompliant(false), NativeAllocated({|NH0012:typeof(object)|}), NativeAllocated({|NH0012:typeof(Action)|})]", "'Action' cannot" },

        // NH0013
        { "hidden members", "[assembly: NativeAllocated({|NH0013:typeof(Foreign.Hiding)|})]", "'Hiding' has members of its own that are called instead of the stubs 'Alloc()', 'Free(Hiding*)', 'Rent()': call those by their class, 'NativeHeap.HidingAllocation'" },

        // NH0014
        { "twice", "[assembly: NativeAllocated(typeof(Foreign.Plain)), NativeAllocated({|NH0014:typeof(Foreign.Plain)|}, Alignment = 64)]", "'Plain' has its stubs by an earlier attribute" },
        { "by other names of a tuple", "[assembly: NativeAllocated({|NH0006:typeof((int A, int B))|})] [assembly: NativeAllocated({|NH0014:typeof((int, int))|})]", "an earlier attribute" },
        { "by a friend", "[assembly: NativeAllocated({|NH0014:typeof(Guid)|})]", "'Guid' has its stubs by one of 'Library', whose internals this project sees" },
        { "on a struct, twice", "[NativeAllocated, {|NH0014:NativeAllocated(Alignment = 64)|}] partial struct Own { public int A; }", "'Own' has its stubs by an earlier attribute" },
        { "on two parts", "[NativeAllocated] partial struct Own { public int A; } [{|NH0014:NativeAllocated|}] partial struct Own { }", "'Own' has" },

        // What the others say
        { "alignment", "[assembly: NativeAllocated(typeof(Foreign.Plain), Alignment = {|NH0011:48|})]", "The alignment 48 of 'Plain'" },
        { "size unknown", "[assembly: NativeAllocated({|NH0006:typeof(System.Numerics.Vector<int>)|})]", "The size of 'Vector' is known only at run time" },
        { "large", "[assembly: NativeAllocated({|NH0009:typeof(Foreign.Big)|})]", "'Big' takes 40000 bytes" },

        // Ownership
        { "freed twice", Body("Foreign.Plain* p = Foreign.Plain.Alloc(); Foreign.Plain.Free(p); Foreign.Plain.Free({|NH1001:p|});"), "'p' was freed already" },
        { "freed twice, by the class", Body("Foreign.Plain* p = PlainAllocation.Alloc(); PlainAllocation.Free(p); Foreign.Plain.Free({|NH1001:p|});"), "'p' was freed already" },
        { "used after it was freed", Body("Foreign.Plain* p = Foreign.Plain.AllocZeroed(); Foreign.Plain.Free(p); {|NH1003:p|}->A = 1;"), "'p' is used after it was freed" },
        { "never freed", Body("Foreign.Plain* p = {|NH1005:Foreign.Plain.Alloc()|}; p->A = 1;"), "never freed" },
        { "discarded", Body("{|NH1007:Foreign.Plain.Alloc()|};"), "is discarded" },
        { "an owner copied", "[assembly: NativeAllocated(typeof(Foreign.Plain))] class C { NativeOwner<Foreign.Plain> M() { using var o = Foreign.Plain.Rent(); return {|NH1022:o|}; } }", "use 'o.Move()'" },
        { "freed to another heap", Body("using var a = new Heap(); using var b = new Heap(); Foreign.Plain* p = Foreign.Plain.Alloc(a); Foreign.Plain.Free(b, {|NH1019:p|});"), "'p' was allocated from 'a', and is freed to 'b'" },
        { "another allocator", Body("Foreign.Plain* p = (Foreign.Plain*)NativeMemory.Alloc(4); Foreign.Plain.Free({|NH1012:p|});"), "is of another allocator" },
        { "freed as another type", "[assembly: NativeAllocated(typeof(Foreign.Plain), Alignment = 64), NativeAllocated(typeof(int))] unsafe class C { void M() { int* p = int.Alloc(); Foreign.Plain.Free({|NH1013:(Foreign.Plain*)p|}); } }", "is freed as Plain (4 bytes), and was allocated as" },
    };

    public static TheoryData<string, string> Right => new()
    {
        { "a struct", "[assembly: NativeAllocated(typeof(Foreign.Plain))]" },
        { "of the framework", "[assembly: NativeAllocated(typeof(System.Numerics.Matrix4x4), Alignment = 64), NativeAllocated(typeof(DateTime))]" },
        { "closed types", "[assembly: NativeAllocated(typeof(Foreign.Pair<long>)), NativeAllocated(typeof(Foreign.Pair<Own>))] struct Own { public int A; }" },
        { "primitives and enums", "[assembly: NativeAllocated(typeof(int)), NativeAllocated(typeof(DayOfWeek)), NativeAllocated(typeof(Side))] enum Side { Buy }" },
        { "members that fit no stub's call", "[assembly: NativeAllocated(typeof(Foreign.Lookalike))] unsafe class C { void M() { using var o = Foreign.Lookalike.Rent(); Foreign.Lookalike.Free(Foreign.Lookalike.Alloc()); } }" },
        { "the friend's stubs", "unsafe class C { void M() { Guid* p = Guid.Alloc(); Guid.Free(p); using var o = Guid.Rent(); } }" },
        { "freed", Body("Foreign.Plain* p = Foreign.Plain.Alloc(new Foreign.Plain()); Foreign.Plain.Free(p); using var o = Foreign.Plain.Rent(); o.Value.A = 1;") },
        { "left to a heap", Body("using Heap heap = new(); Foreign.Plain* p = Foreign.Plain.Alloc(heap); p->A = 1;") },
        { "in collections", "[assembly: NativeAllocated(typeof(Foreign.Plain))] class C { int M() { using NativeTable<Foreign.Plain> table = new(); table.Add(new Foreign.Plain(), out NativeHandle<Foreign.Plain> h); return table[h].A; } }" },
    };

    private static string Body(string statements) => $"[assembly: NativeAllocated(typeof(Foreign.Plain))] unsafe class C {{ void M() {{ {statements} }} }}";

    [Theory]
    [MemberData(nameof(Wrong))]
    public static Task Reports(string name, string source, string message)
        => new TestProgram(source) { Messages = [message], MoreReferences = [References()] }.VerifyAsync(name);

    [Theory]
    [MemberData(nameof(Right))]
    public static Task Is_silent(string name, string source) => new TestProgram(source) { MoreReferences = [References()] }.VerifyAsync(name);

    [Fact]
    public static Task Says_that_unsafe_code_is_off()
        => new TestProgram("[assembly: NativeAllocated(typeof(Foreign.Plain))]") { AllowUnsafe = false, Nowhere = ["NH0003"], MoreReferences = [References()] }.VerifyAsync("no unsafe code");

    [Fact]
    public static Task A_hidden_pointer_stub_is_nobodys_loss_where_there_are_none()
        => new TestProgram("[assembly: NativeAllocated({|NH0013:typeof(Foreign.Hiding)|})]") { AllowUnsafe = false, Nowhere = ["NH0003"], Messages = ["stubs 'Rent()':"], MoreReferences = [References()] }
            .VerifyAsync("no unsafe code");

    // Compiled as its project is: with the generator.
    private static PortableExecutableReference References() => s_library ??= Compile();

    private static PortableExecutableReference? s_library;

    private static PortableExecutableReference Compile()
    {
        Compilation library = new TestProgram(Library).Compile().WithAssemblyName("Library");
        using MemoryStream image = new();
        Assert.Empty(library.Emit(image, cancellationToken: TestContext.Current.CancellationToken).Diagnostics.Where(static d => d.Severity == DiagnosticSeverity.Error));
        return MetadataReference.CreateFromImage(image.ToArray());
    }
}
