// Thousands of random structs, compiled, loaded and measured, against what LayoutCalculator says of their symbols.
//
// A third of them comes from referenced assemblies: one given to the compiler as it is, one as the reference assembly that the
// compiler makes of it. Two things must hold: what is known is right, without exception, and most is known.

using System;
using System.Linq;
using System.Reflection;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

using NativeHeap.CodeAnalysis.Layout;
using NativeHeap.Generators.Tests.Harness;

using Xunit;

namespace NativeHeap.Generators.Tests.Layout;

public sealed class LayoutFuzzTests
{
    private const double LeastKnownShare = 0.85;

    private static readonly int s_count = Environment.GetEnvironmentVariable("NATIVEHEAP_LONG_TESTS") == "1" ? 20_000 : 3_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Known_layouts_are_those_of_the_runtime(int seed)
    {
        int count = s_count / 3;
        RandomStructs random = new(seed);
        CSharpCompilation first = Compilations.Create([random.Write("First", count / 6)], name: "First");
        byte[] firstImage = Compilations.Emit(first);
        PortableExecutableReference firstReference = MetadataReference.CreateFromImage(firstImage);
        CSharpCompilation second = Compilations.Create([random.Write("Second", count / 6)], references: [firstReference], name: "Second");
        byte[] secondImage = Compilations.Emit(second);
        CSharpCompilation main = Compilations.Create(
            [random.Write("Main", count - (count / 6 * 2))],
            references: [firstReference, MetadataReference.CreateFromImage(Compilations.Emit(second, referenceAssembly: true))],
            name: "Main");

        using LoadedAssembly loaded = new(Compilations.Emit(main), firstImage, secondImage);
        LayoutCalculator calculator = new(main, Measurement.RunningTarget);
        int total = 0;
        int known = 0;
        foreach (Assembly assembly in loaded.All)
        {
            foreach (Type type in assembly.GetTypes().Where(IsStruct))
            {
                total++;
                known += Check(type, main.GetTypeByMetadataName(type.FullName!)!, calculator) ? 1 : 0;
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{known} of {total} layouts are known.");
        Assert.InRange(total, count, int.MaxValue);
        Assert.True(known >= total * LeastKnownShare, $"Only {known} of {total} layouts are known.");
    }

    private static bool IsStruct(Type type) => type is { IsValueType: true, IsEnum: false, IsNested: false, IsGenericTypeDefinition: false };

    private static bool Check(Type type, INamedTypeSymbol symbol, LayoutCalculator calculator)
    {
        TypeLayout layout = calculator.LayoutOf(symbol);
        if (!layout.IsKnown)
        {
            return false;
        }

        (int size, int alignment) = Measurement.Of(type);
        Assert.True((size, alignment) == (layout.Size, layout.Alignment), $"{symbol}: computed {layout.Size}/{layout.Alignment}, is {size}/{alignment}.");
        if (type.GetMethod("Offsets")?.Invoke(null, null) is int[] offsets)
        {
            Assert.Equal(offsets, layout.Fields.Select(static f => f.Offset));
        }

        return true;
    }
}
