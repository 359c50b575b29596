// What a project file lets the compiler's extensions see: CompilerVisibleProperty. Files have no options.

using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace NativeHeap.Generators.Tests.Harness;

internal sealed class ProjectProperties : AnalyzerConfigOptionsProvider
{
    private readonly Properties _properties = new();

    public string this[string name]
    {
        set => _properties.Values["build_property." + name] = value;
    }

    public override AnalyzerConfigOptions GlobalOptions => _properties;

    public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => new Properties();

    public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => new Properties();

    private sealed class Properties : AnalyzerConfigOptions
    {
        public Dictionary<string, string> Values { get; } = [];

        public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value) => Values.TryGetValue(key, out value);
    }
}
