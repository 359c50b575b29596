using System.Collections.Generic;
using System.Linq;

using Microsoft.CodeAnalysis;

using Xunit;

namespace NativeHeap.Analyzers.Tests.Usage;

/// <summary>What a <c>BumpScope</c> hands out cannot outlive it: the compiler's own rules say so, in code without unsafe.</summary>
public static class ScopeEscapesTests
{
    private const string Types = """
        [NativeAllocated] public partial struct Order { public long Id; }
        public ref struct View { public Span<int> Items; }
        """;

    /// <summary>Programs that must not compile, with the errors that they have.</summary>
    public static TheoryData<string, string, string> Escaping => new()
    {
        { "a span returned", "class C { static Span<int> M(BumpAllocator a) { using BumpScope s = a.EnterScope(); return s.AllocSpan<int>(3); } }", "CS8168" },
        { "a span of zeros", "class C { static Span<int> M(BumpAllocator a) { using BumpScope s = a.EnterScope(); return s.AllocZeroedSpan<int>(3); } }", "CS8168" },
        { "a span of annotated structs", "class C { static Span<Order> M(BumpAllocator a) { using BumpScope s = a.EnterScope(); return s.AllocSpan<Order>(3); } }", "CS8168" },
        { "a slice in a local", "class C { static ReadOnlySpan<int> M(BumpAllocator a) { using BumpScope s = a.EnterScope(); Span<int> x = s.AllocSpan<int>(3); return x[1..]; } }", "CS8352" },
        { "a reference returned", "class C { static ref int M(BumpAllocator a) { using BumpScope s = a.EnterScope(); return ref s.Alloc<int>(); } }", "CS8168" },
        { "a reference to an annotated struct's field", "class C { static ref long M(BumpAllocator a) { using BumpScope s = a.EnterScope(); return ref s.AllocZeroed<Order>().Id; } }", "CS8168" },
        { "a reference in a local", "class C { static ref int M(BumpAllocator a) { using BumpScope s = a.EnterScope(); ref int x = ref s.Alloc<int>(); x = 4; return ref x; } }", "CS8157" },
        { "a span that outlives an inner scope", "class C { static int M(BumpAllocator a) { Span<int> x = default; using (BumpScope s = a.EnterScope()) { x = s.AllocSpan<int>(3); } return x[0]; } }", "CS8168" },
        { "the span of an inner scope in an outer's variable", "class C { static int M(BumpAllocator a) { using BumpScope s = a.EnterScope(); Span<int> x = s.AllocSpan<int>(3); for (int i = 0; i < 9; i++) { using BumpScope t = s.EnterScope(); x = t.AllocSpan<int>(3); } return x[0]; } }", "CS8352" },
        { "a span in a parameter", "class C { static void M(BumpAllocator a, out Span<int> x) { using BumpScope s = a.EnterScope(); x = s.AllocSpan<int>(3); } }", "CS8168" },
        { "a span in a struct", "class C { static View M(BumpAllocator a) { using BumpScope s = a.EnterScope(); return new View { Items = s.AllocSpan<int>(3) }; } }", "CS8352" },
        { "a span by a method of one's own", "class C { static Span<int> Copy(ref readonly BumpScope s, int n) => s.AllocSpan<int>(n); static Span<int> M(BumpAllocator a) { using BumpScope s = a.EnterScope(); return Copy(in s, 3); } }", "CS8168,CS8347" },
        { "a scope in a field", "class C { BumpScope _scope; }", "CS8345" },
        { "a scope in a lambda", "class C { static void M(BumpAllocator a) { using BumpScope s = a.EnterScope(); Action x = () => s.Alloc<int>(); x(); } }", "CS8175" },
    };

    /// <summary>Programs that must.</summary>
    public static TheoryData<string, string> Staying => new()
    {
        { "used inside", "class C { static int M(BumpAllocator a) { using BumpScope s = a.EnterScope(); Span<int> x = s.AllocSpan<int>(3); x[2] = 4; ref long y = ref s.Alloc<long>(); y = x[2]; return (int)y; } }" },
        { "passed down", "class C { static Span<int> Copy(in BumpScope s, ReadOnlySpan<int> from) { Span<int> x = s.AllocSpan<int>(from.Length); from.CopyTo(x); return x; } static int M(BumpAllocator a) { using BumpScope s = a.EnterScope(); return Copy(in s, [1, 2])[0]; } }" },
        { "nested", "class C { static int M(BumpAllocator a) { using BumpScope s = a.EnterScope(); Span<int> x = s.AllocSpan<int>(3); { using BumpScope t = s.EnterScope(); t.AllocSpan<int>(3).CopyTo(x); } return x[0]; } }" },
        { "written by assignment", "class C { static void M(BumpAllocator a) { using BumpScope s = a.EnterScope(); s.Alloc<Order>() = new Order { Id = 3 }; s.Alloc<decimal>() = 3m; s.Alloc<int>(alignment: 64) = 3; } }" },
    };

    [Theory]
    [MemberData(nameof(Escaping))]
    public static void The_compiler_refuses(string name, string source, string errors) => AssertErrors(name, source, errors.Split(','));

    [Theory]
    [MemberData(nameof(Staying))]
    public static void The_compiler_accepts(string name, string source) => AssertErrors(name, source, []);

    private static void AssertErrors(string name, string source, string[] expected)
    {
        Compilation compilation = new TestProgram(source, Types) { AllowUnsafe = false }.Compile();
        IEnumerable<Diagnostic> errors = compilation.GetDiagnostics(TestContext.Current.CancellationToken).Where(static d => d.Severity == DiagnosticSeverity.Error);
        Assert.True(expected.SequenceEqual(errors.Select(static d => d.Id).Distinct().Order()), $"{name}: expected {string.Join(", ", expected)}, found:\n{string.Join('\n', errors)}");
    }
}
