using System.IO;
using System.Threading.Tasks;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

using Xunit;

namespace NativeHeap.Analyzers.Tests.Declaration;

public static class NotUnmanagedTests
{
    public static TheoryData<string, string, string> Wrong => new()
    {
        { "a string", "[NativeAllocated] partial struct S { public long Id; public string? {|NH0002:Name|}; }", "'S' cannot live in native memory: its field 'Name' is of type 'string', which is managed" },
        { "an auto-property", "[NativeAllocated] partial struct S { public object? {|NH0002:Tag|} { get; set; } }", "its field 'Tag' is of type 'object'" },
        { "a positional record", "[NativeAllocated] partial record struct S(long Id, int[] {|NH0002:Levels|});", "its field 'Levels' is of type 'int[]'" },
        { "a captured parameter", "[NativeAllocated] partial struct S(string {|NH0002:name|}) { public readonly int Length => name.Length; }", "its field 'name'" },
        { "a delegate", "[NativeAllocated] partial struct S { public Action? {|NH0002:Done|}; }", "'Action'" },
        { "a field-like event", "[NativeAllocated] partial struct S { public event Action? {|NH0002:Done|}; }", "'Done' is of type 'Action'" },
        { "each managed field", "[NativeAllocated] partial struct S { public string? {|NH0002:A|}; int _b; public object? {|NH0002:C|}; }", "'C'" },
        { "nested", "struct Inner { public int Id; public string? {|NH0002:Name|}; } [NativeAllocated] partial struct S { public Inner Inner; }", "its field 'Inner.Name' is of type 'string'" },
        {
            "deeply nested",
            "struct A { public string? {|NH0002:Name|}; } struct B { public long X; public A First { get; set; } } [NativeAllocated] partial struct S { int _n; public B Second; }",
            "its field 'Second.First.Name' is of type 'string'"
        },
        { "a generic of a managed argument", "struct Box<T> { public T {|NH0002:Value|}; } [NativeAllocated] partial struct S { public Box<string> Box; }", "its field 'Box.Value' is of type 'string'" },
        { "a type parameter", "[NativeAllocated] partial struct S<T> { public T {|NH0002:Value|}; }", "its field 'Value' is of type 'T', which is not constrained to 'unmanaged'" },
        { "a struct type parameter", "[NativeAllocated] partial struct S<T> where T : struct { public T {|NH0002:Value|}; }", "not constrained" },
        { "a framework struct", "[NativeAllocated] partial struct S { public GCHandle H; public System.Threading.CancellationToken {|NH0002:Token|}; }", "its field 'Token" },
        { "a static field beside it", "[NativeAllocated] partial struct S { public static string? Name; public string? {|NH0002:Other|}; }", "'Other'" },
    };

    public static TheoryData<string, string> Right => new()
    {
        { "numbers", "[NativeAllocated] partial struct S { public long Id; public decimal Price; public Guid Key; public DateTime At; }" },
        { "static strings", "[NativeAllocated] partial struct S { public const string Name = \"S\"; public static string? Other; public long Id; }" },
        { "pointers and handles", "[NativeAllocated] unsafe partial struct S { public void* P; public S* Next; public delegate*<int, void> F; public GCHandle H; public NativePointer<S> N; }" },
        { "buffers", "[NativeAllocated] unsafe partial struct S { public fixed byte Name[16]; }" },
        { "constrained parameters", "[NativeAllocated] partial struct {|NH0006:S|}<T> where T : unmanaged { public T Value; }" },
        { "a computed property", "[NativeAllocated] partial struct S { public int Id; public readonly string Name => Id.ToString(); }" },
        { "an event with accessors", "[NativeAllocated] partial struct S { public int Id; public event Action Done { add { } remove { } } }" },
        { "a managed struct without stubs", "partial struct S { public string? Name; }" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public static Task Reports(string name, string source, string message) => new TestProgram(source) { Messages = [message] }.VerifyAsync(name);

    [Theory]
    [MemberData(nameof(Right))]
    public static Task Is_silent(string name, string source) => new TestProgram(source).VerifyAsync(name);

    [Fact]
    public static Task Points_at_the_field_in_this_project_where_the_culprit_is_in_another()
    {
        CSharpCompilation library = (CSharpCompilation)new TestProgram("public struct Inner { public int Id; public string? Name; }").Compile();
        using MemoryStream image = new();
        Assert.True(library.Emit(image, cancellationToken: TestContext.Current.CancellationToken).Success);
        TestProgram program = new("[NativeAllocated] partial struct S { public Inner {|NH0002:Inner|}; }")
        {
            MoreReferences = [MetadataReference.CreateFromImage(image.ToArray())],
            Messages = ["'Inner.Name' is of type 'string'"],
        };
        return program.VerifyAsync("metadata");
    }

    [Fact]
    public static Task Points_into_its_own_project_where_the_other_one_is_source()
    {
        TestProgram program = new("[NativeAllocated] partial struct S { public Inner {|NH0002:Inner|}; }")
        {
            MoreReferences = [new TestProgram("public struct Inner { public int Id; public string? Name; }").Compile().ToMetadataReference()],
            Messages = ["'Inner.Name' is of type 'string'"],
        };
        return program.VerifyAsync("project reference");
    }
}
