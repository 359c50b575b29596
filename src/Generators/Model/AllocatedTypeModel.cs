// All that the text of a struct's stubs depends on, by value: two equal models are the same text.
//
//     AllocatedTypeModel        what the stubs are made from, wherever they stand
//         OwnTypeModel          a struct of this project: they are members of it
//         ForeignTypeModel      a struct of another: they are extension members of a class

using System.Text;

namespace NativeHeap.Generators.Model;

/// <summary>A struct that gets stubs.</summary>
/// <param name="HintName">The name of its generated file.</param>
/// <param name="DisplayName">Its name as a user writes it, for documentation.</param>
/// <param name="FullName">Its name from the root of all namespaces on, to be understood anywhere.</param>
/// <param name="Layout">What is known of its layout.</param>
/// <param name="IsIsolated">Whether its objects are in memory of their own.</param>
internal abstract record AllocatedTypeModel(string HintName, string DisplayName, string FullName, LayoutClaims Layout, bool IsIsolated)
{
    private const int MaxReadableName = 100;

    // Hint names are compared ignoring case, and become names of files: `Order` beside `order`, and names of any length, are told
    // apart by a hash of the exact name (FNV-1a).
    protected static string HintNameOf(string exact)
    {
        uint hash = 2166136261;
        StringBuilder readable = new();
        foreach (char c in exact)
        {
            hash = unchecked((hash ^ c) * 16777619);
            if (readable.Length < MaxReadableName)
            {
                readable.Append(c == '+' ? '.' : char.IsLetterOrDigit(c) || c is '.' or '_' ? c : '-');
            }
        }

        return $"{readable}.{hash:x8}.g.cs";
    }
}
